package dev.cloister.core.testing;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of the real system: runs where each program is on the PATH, is skipped elsewhere with one
 * line that names what is missing, and fails elsewhere under {@code -Dcloister.system=required}. It
 * is tagged {@code system}, so {@code -DexcludedGroups=system} leaves it out everywhere.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@Tag("system")
@ExtendWith(ProgramCondition.class)
public @interface RequiresProgram {

  /**
   * Names the programs.
   *
   * @return file names that are looked up on the PATH; none where root alone is needed
   */
  String[] value();

  /**
   * Says whether the test must be root.
   *
   * @return false unless said
   */
  boolean root() default false;
}
