package dev.cloister.core;

/**
 * The one family of exceptions of this library; failures of files and sockets are {@link
 * java.io.IOException} instead. A message names the value, what was allowed, and what to do.
 */
public abstract sealed class CloisterException extends RuntimeException
    permits ContextDestroyed,
        CorruptStorage,
        Denied,
        GuaranteeLost,
        NativeCallException,
        PolicyRejected,
        SealedFailure,
        SealRefused {
  private static final long serialVersionUID = 1L;

  CloisterException(String message) {
    super(message);
  }

  CloisterException(String message, Throwable cause) {
    super(message, cause);
  }
}
