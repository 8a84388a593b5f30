package dev.cloister.sandbox.vaultfs;

import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The times to set; those that are not there stay. */
final class Times {
  final Optional<Instant> created;
  final Optional<Instant> modified;
  final Optional<Instant> accessed;

  /** Takes them as {@link java.nio.file.attribute.BasicFileAttributeView#setTimes} does. */
  Times(@Nullable FileTime modified, @Nullable FileTime accessed, @Nullable FileTime created) {
    this.modified = Optional.ofNullable(modified).map(FileTime::toInstant);
    this.accessed = Optional.ofNullable(accessed).map(FileTime::toInstant);
    this.created = Optional.ofNullable(created).map(FileTime::toInstant);
  }
}
