package dev.cloister.sandbox.host;

import dev.cloister.core.Denied;
import dev.cloister.core.TimeSource;
import dev.cloister.core.policy.Decision;
import dev.cloister.core.policy.NetworkPolicy;
import dev.cloister.sandbox.runtime.FetchRequest;
import dev.cloister.sandbox.runtime.FetchResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/**
 * Fetches pages for functions: every connection goes to the very address that the network policy
 * accepted, of the first request and of each redirect, so that a name which answers differently the
 * next time wins nothing. What the policy accepts is reached from the host's own place in the
 * network; a policy that accepts everything accepts the host's own services.
 *
 * <p>Each name is looked up once a request; of its addresses those that the policy accepts are
 * tried in turn, at most {@link #ADDRESSES}; where it accepts none, the fetch is denied by the rule
 * {@code network}. The unspecified address, by which Linux means this host, and multicast are never
 * accepted. A redirect is judged from the start; one from https to http is not followed but handed
 * to the function, as any status is; 301, 302 and 303 turn a POST to a GET (RFC 9110, 15.4);
 * Authorization and Cookie do not follow to another origin. Bodies come as the server coded them.
 * Before the server's headers stands one of ours, {@value HttpExchange#PLACE}, which no server can
 * send: where the answer came from after redirects, by which a page's relative links are read.
 * Nothing is kept between fetches: no cookie, cache or connection. For any number of threads.
 */
final class MediatedFetch {
  /** How many addresses of a name are tried. */
  static final int ADDRESSES = 8;

  /** What the denials of a fetch name. */
  static final String RULE = "network";

  private final NetworkPolicy policy;
  private final Resolver resolver;
  private final SSLSocketFactory security;
  private final TimeSource clock;
  private final FetchLimits limits;

  /** Finds the addresses of a name. */
  interface Resolver {
    /** At least one. */
    List<InetAddress> resolve(String host) throws IOException;

    /** The system's own. */
    static Resolver system() {
      return host -> List.of(InetAddress.getAllByName(host));
    }
  }

  MediatedFetch(
      NetworkPolicy policy,
      Resolver resolver,
      SSLSocketFactory security,
      TimeSource clock,
      FetchLimits limits) {
    this.policy = policy;
    this.resolver = resolver;
    this.security = security;
    this.clock = clock;
    this.limits = limits;
  }

  /** Fetches by the system's names and trusted certificates, within the usual limits. */
  static MediatedFetch by(NetworkPolicy policy) {
    return new MediatedFetch(
        policy,
        Resolver.system(),
        (SSLSocketFactory) SSLSocketFactory.getDefault(),
        TimeSource.system(),
        FetchLimits.USUAL);
  }

  /**
   * Fetches.
   *
   * @throws Denied when the policy accepts no address, or the traffic is at its limit
   * @throws IOException when the request is none, or the server was not reached or broke off
   */
  FetchResponse fetch(FetchRequest request, Traffic traffic) throws IOException {
    var url = FetchUrl.parse(request.url());
    var head = FetchHead.of(request);
    var body = request.body();
    var deadline = clock.nanoTime() + limits.time().toNanos();
    for (var redirects = 0; ; redirects++) {
      var response = exchange(url, head, body, deadline, traffic);
      var location = redirect(response);
      if (location.isEmpty()) {
        return response;
      }
      if (redirects == limits.redirects()) {
        throw new IOException("more than " + limits.redirects() + " redirects");
      }
      var next = url.redirect(location);
      if (url.secure() && !next.secure()) {
        return response;
      }
      if (getsAfter(response.status(), head.method())) {
        head = head.asGet();
        body = new byte[0];
      }
      head = url.sameOrigin(next) ? head : head.forOtherOrigin();
      url = next;
    }
  }

  /** Where an answer leads on; empty when it is the last. */
  private static String redirect(FetchResponse response) {
    return switch (response.status()) {
      case 301, 302, 303, 307, 308 ->
          response.headers().stream()
              .filter(header -> header.name().equalsIgnoreCase("Location"))
              .map(FetchRequest.Header::value)
              .findFirst()
              .orElse("");
      default -> "";
    };
  }

  private static boolean getsAfter(int status, String method) {
    return switch (status) {
      case 301, 302 -> method.equals("POST");
      case 303 -> !method.equals("HEAD") && !method.equals("GET");
      default -> false;
    };
  }

  private FetchResponse exchange(
      FetchUrl url, FetchHead head, byte[] body, long deadline, Traffic traffic)
      throws IOException {
    try (var socket = connect(url, deadline, traffic)) {
      if (!url.secure()) {
        return HttpExchange.over(socket, url, head, body, limits.bodyBytes());
      }
      try (var secured = secure(socket, url)) {
        return HttpExchange.over(secured, url, head, body, limits.bodyBytes());
      }
    } catch (IOException e) {
      throw denialIn(e);
    }
  }

  /** TLS wraps what is thrown beneath it, a denial by the traffic's limit too. */
  private static IOException denialIn(IOException failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof Denied denied) {
        throw denied;
      }
    }
    return failure;
  }

  private DeadlineSocket connect(FetchUrl url, long deadline, Traffic traffic) throws IOException {
    var failure = new IOException("no address of " + url.host() + " could be reached");
    for (var address : accepted(url)) {
      var socket = new DeadlineSocket(clock, deadline, traffic);
      try {
        socket.connect(address, url.port());
        return socket;
      } catch (IOException e) {
        socket.close();
        failure.addSuppressed(e);
      }
    }
    throw failure;
  }

  private List<InetAddress> accepted(FetchUrl url) throws IOException {
    var literal = url.address();
    var found = literal.isPresent() ? List.of(literal.get()) : resolver.resolve(url.host());
    var accepted = new ArrayList<InetAddress>();
    var refusals = new ArrayList<String>();
    for (var address : found) {
      var decision = decide(address, url.port());
      if (decision.accepted()) {
        accepted.add(address);
      } else {
        refusals.add(address.getHostAddress() + " by " + decision);
      }
    }
    if (accepted.isEmpty()) {
      throw new Denied(RULE, "%s port %d: refused %s".formatted(url.host(), url.port(), refusals));
    }
    return accepted.subList(0, Math.min(accepted.size(), ADDRESSES));
  }

  private Decision decide(InetAddress address, int port) {
    if (address.isAnyLocalAddress() || address.isMulticastAddress()) {
      return new Decision(false, "no host's own address", "every fetch");
    }
    return policy.decide(address, port);
  }

  private Socket secure(DeadlineSocket plain, FetchUrl url) throws IOException {
    var socket = (SSLSocket) security.createSocket(plain, url.host(), url.port(), true);
    var parameters = socket.getSSLParameters();
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    socket.startHandshake();
    return socket;
  }
}
