package dev.cloister.tor.testing;

import dev.cloister.core.testing.Requirement;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Gives a class's tests a {@link PrivateTorNetwork}, as a parameter of any test, constructor or
 * lifecycle method: {@code @RegisterExtension static final PrivateTor TOR =
 * PrivateTor.of(PrivateTorNetwork.shape())}. The network starts when the first of them asks, and
 * closes when JUnit's run ends; classes that ask for equal shapes share it, so they must leave it
 * as they found it. Immutable.
 *
 * <p>Where there is no tor, the class is skipped in one line, and fails under {@code
 * -Dcloister.system=required}.
 */
public final class PrivateTor implements ExecutionCondition, ParameterResolver {
  private static final Namespace NAMESPACE = Namespace.create(PrivateTor.class);

  private final TorShape shape;
  private final boolean forOneClass;

  private PrivateTor(TorShape shape, boolean forOneClass) {
    shape.check();
    this.shape = shape;
    this.forOneClass = forOneClass;
  }

  /**
   * Shares a network with the whole run.
   *
   * @param shape how it is to be
   * @return an extension to register in a static field
   */
  public static PrivateTor of(TorShape shape) {
    return new PrivateTor(shape, false);
  }

  /**
   * Keeps the network for the class alone that registers this, and for those nested in it.
   *
   * @return an extension whose network closes when the class's last test has run
   */
  public PrivateTor forOneClass() {
    return new PrivateTor(shape, true);
  }

  @Override
  public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
    return Requirement.decide(TorPrograms.missing());
  }

  @Override
  public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
    return parameter.getParameter().getType() == PrivateTorNetwork.class;
  }

  @Override
  public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
    return (forOneClass ? outermostClass(context) : context.getRoot())
        .getStore(NAMESPACE)
        .getOrComputeIfAbsent(shape, PrivateTor::start, PrivateTorNetwork.class);
  }

  private static ExtensionContext outermostClass(ExtensionContext context) {
    return context
        .getParent()
        .filter(parent -> parent.getTestClass().isPresent())
        .map(PrivateTor::outermostClass)
        .orElse(context);
  }

  private static PrivateTorNetwork start(TorShape shape) {
    try {
      return shape.start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
