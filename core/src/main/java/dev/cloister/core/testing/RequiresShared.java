package dev.cloister.core.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test that reads data too large for the sources: runs where {@code -Dcloister.shared=DIRECTORY}
 * says where it is, is skipped elsewhere with one line, and fails elsewhere under {@code
 * -Dcloister.system=required}. {@link SharedData#path} finds a file there.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(SharedCondition.class)
public @interface RequiresShared {}
