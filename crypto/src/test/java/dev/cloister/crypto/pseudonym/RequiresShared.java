package dev.cloister.crypto.pseudonym;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** A test that reads the shared data, and is skipped in a clone that comes without them. */
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@EnabledIfSystemProperty(
    named = "cloister.shared",
    matches = ".+",
    disabledReason = "needs the shared data: -Dcloister.shared=DIRECTORY")
@interface RequiresShared {}
