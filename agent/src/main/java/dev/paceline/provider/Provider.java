package dev.paceline.provider;

import dev.paceline.provider.error.ErrorRule;
import dev.paceline.provider.error.Meaning;
import dev.paceline.provider.header.LimitGrammar;
import dev.paceline.provider.path.BasePaths;
import dev.paceline.provider.path.PathGrammar;
import dev.paceline.provider.scope.HostRule;
import dev.paceline.words.Endpoint;
import dev.paceline.words.Operation;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * All that Paceline knows of one provider, as data: where it answers, how its paths, limit headers
 * and errors are read, and which headers tell whose limit it is. Each provider is declared in a
 * class of its own and listed in {@link dev.paceline.provider.catalog.Providers}.
 */
public final class Provider {
  private final String id;
  private final List<String> aliases;
  private final List<HostRule> hosts;
  private final PathGrammar paths;
  private final List<ErrorRule> errors;
  private final LimitGrammar limits;
  private final boolean errorsInsideSuccess;
  private final boolean ignoresShouldRetryWhenQueued;
  private final boolean streamsArrays;
  private final List<String> credentialHeaders;
  private final List<String> requestOwnerHeaders;
  private final List<String> answerOwnerHeaders;
  private final ChargingModel charge;
  private final UsageAt usage;
  private final boolean givesBack;
  private final boolean cacheFree;
  private final Endpoint[] plain;

  private Provider(Builder builder) {
    this.id = builder.id;
    this.aliases = List.copyOf(builder.aliases);
    this.paths = builder.paths;
    this.errors = List.copyOf(builder.errors);
    this.limits = builder.limits;
    this.errorsInsideSuccess = builder.errorsInsideSuccess;
    this.ignoresShouldRetryWhenQueued = builder.ignoresShouldRetryWhenQueued;
    this.streamsArrays = builder.streamsArrays;
    this.credentialHeaders = List.copyOf(builder.credentialHeaders);
    this.requestOwnerHeaders = List.copyOf(builder.requestOwnerHeaders);
    this.answerOwnerHeaders = List.copyOf(builder.answerOwnerHeaders);
    this.charge = builder.charge;
    this.usage = builder.usage;
    this.givesBack = builder.givesBack;
    this.cacheFree = builder.cacheFree;
    Operation[] operations = Operation.values();
    this.plain = new Endpoint[operations.length];
    for (Operation operation : operations) {
      plain[operation.ordinal()] = new Endpoint(id, operation, "", "");
    }
    List<HostRule> rules = new ArrayList<>();
    for (HostLine line : builder.hosts) {
      rules.add(
          new HostRule(
              this, line.paths() == null ? paths : line.paths(), line.pattern(), line.port()));
    }
    this.hosts = List.copyOf(rules);
  }

  public static Builder named(String id) {
    return new Builder(id);
  }

  /** The provider's id, one of the closed set. */
  public String id() {
    return id;
  }

  /** Other names that users may write for it. */
  public List<String> aliases() {
    return aliases;
  }

  /** What a request is charged to the limit of tokens when it is admitted. */
  public ChargingModel charge() {
    return charge;
  }

  /** Where an answer says what it did cost. */
  public UsageAt usage() {
    return usage;
  }

  /** Whether output that was set aside and not produced is given back at the answer's end. */
  public boolean givesBack() {
    return givesBack;
  }

  /** Whether the part of a prompt that its cache has is not charged to the limit of tokens. */
  public boolean cacheFree() {
    return cacheFree;
  }

  public List<HostRule> hosts() {
    return hosts;
  }

  public PathGrammar paths() {
    return paths;
  }

  public List<ErrorRule> errors() {
    return errors;
  }

  public LimitGrammar limits() {
    return limits;
  }

  /** Whether a 200 with a JSON body may hold an error. */
  public boolean errorsInsideSuccess() {
    return errorsInsideSuccess;
  }

  /** Whether {@code x-should-retry: false} is not meant when the provider's queue was full. */
  public boolean ignoresShouldRetryWhenQueued() {
    return ignoresShouldRetryWhenQueued;
  }

  /** Whether a stream may be a JSON array of its chunks, under the type of a usual answer. */
  public boolean streamsArrays() {
    return streamsArrays;
  }

  public List<String> credentialHeaders() {
    return credentialHeaders;
  }

  public List<String> requestOwnerHeaders() {
    return requestOwnerHeaders;
  }

  public List<String> answerOwnerHeaders() {
    return answerOwnerHeaders;
  }

  /**
   * The endpoint of an operation whose path names neither model nor owner: always the same object.
   */
  Endpoint endpoint(Operation operation) {
    return plain[operation.ordinal()];
  }

  @Override
  public String toString() {
    return id;
  }

  private record HostLine(String pattern, int port, @Nullable PathGrammar paths) {}

  /** Declares a provider. */
  public static final class Builder {
    private static final List<String> CREDENTIALS =
        List.of("authorization", "api-key", "x-api-key", "x-goog-api-key");

    private final String id;
    private final List<String> aliases = new ArrayList<>();
    private final List<HostLine> hosts = new ArrayList<>();
    private final List<ErrorRule> errors = new ArrayList<>();
    private PathGrammar paths = BasePaths.openAi("/v1").anthropic("/v1").build();
    private LimitGrammar limits = LimitGrammar.UNKNOWN;
    private ChargingModel charge = ChargingModel.UNPUBLISHED;
    private UsageAt usage = UsageAt.OPENAI_UNASKED;
    private boolean givesBack;
    private boolean cacheFree;
    private boolean errorsInsideSuccess;
    private boolean ignoresShouldRetryWhenQueued;
    private boolean streamsArrays;
    private List<String> credentialHeaders = CREDENTIALS;
    private List<String> requestOwnerHeaders = List.of();
    private List<String> answerOwnerHeaders = List.of();

    private Builder(String id) {
      this.id = id;
    }

    public Builder alias(String... names) {
      aliases.addAll(List.of(names));
      return this;
    }

    /** Host names; a star stands for a region, a resource or a workspace. */
    public Builder hosts(String... patterns) {
      for (String pattern : patterns) {
        hosts.add(new HostLine(pattern, HostRule.ANY_PORT, null));
      }
      return this;
    }

    /** A host with paths unlike those of the provider's other hosts. */
    public Builder host(String pattern, PathGrammar paths) {
      hosts.add(new HostLine(pattern, HostRule.ANY_PORT, paths));
      return this;
    }

    /** A server on the developer's own machine, known by its default port. */
    public Builder local(int port, PathGrammar paths) {
      for (String name :
          List.of("localhost", "127.0.0.1", "[::1]", "::1", "0.0.0.0", "host.docker.internal")) {
        hosts.add(new HostLine(name, port, paths));
      }
      return this;
    }

    public Builder paths(PathGrammar grammar) {
      this.paths = grammar;
      return this;
    }

    public Builder givesBack() {
      this.givesBack = true;
      return this;
    }

    public Builder cacheFree() {
      this.cacheFree = true;
      return this;
    }

    public Builder limits(LimitGrammar grammar) {
      this.limits = grammar;
      return this;
    }

    public Builder charges(ChargingModel atAdmission) {
      this.charge = atAdmission;
      return this;
    }

    public Builder usage(UsageAt place) {
      this.usage = place;
      return this;
    }

    /** A code that means the same whoever sends it. */
    public Builder code(String code, Meaning meaning) {
      errors.add(new ErrorRule(code, "", 0, meaning, false));
      return this;
    }

    /** A code that means this only from this provider. */
    public Builder ownCode(String code, Meaning meaning) {
      errors.add(new ErrorRule(code, "", 0, meaning, true));
      return this;
    }

    /** A code that means this only with the phrase beside it. */
    public Builder codeWith(String code, String phrase, Meaning meaning) {
      errors.add(new ErrorRule(code, phrase, 0, meaning, false));
      return this;
    }

    /** A phrase that means the same whoever sends it. */
    public Builder phrase(String phrase, Meaning meaning) {
      errors.add(new ErrorRule("", phrase, 0, meaning, false));
      return this;
    }

    public Builder ownPhrase(String phrase, Meaning meaning) {
      errors.add(new ErrorRule("", phrase, 0, meaning, true));
      return this;
    }

    public Builder status(int status, Meaning meaning) {
      errors.add(new ErrorRule("", "", status, meaning, true));
      return this;
    }

    public Builder errorsInsideSuccess() {
      this.errorsInsideSuccess = true;
      return this;
    }

    public Builder ignoresShouldRetryWhenQueued() {
      this.ignoresShouldRetryWhenQueued = true;
      return this;
    }

    public Builder streamsArrays() {
      this.streamsArrays = true;
      return this;
    }

    public Builder credentials(String... headers) {
      this.credentialHeaders = List.of(headers);
      return this;
    }

    public Builder requestOwners(String... headers) {
      this.requestOwnerHeaders = List.of(headers);
      return this;
    }

    public Builder answerOwners(String... headers) {
      this.answerOwnerHeaders = List.of(headers);
      return this;
    }

    public Provider build() {
      return new Provider(this);
    }
  }
}
