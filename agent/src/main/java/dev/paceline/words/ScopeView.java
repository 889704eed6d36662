package dev.paceline.words;

import java.util.List;

/**
 * How a scope stands at an instant, for a person or a dashboard to read.
 *
 * @param provider provider id
 * @param owner owner of the limit as in {@link Scope}; never a credential
 * @param model the model's name as sent, so untrusted
 * @param gateClosedMillis for how long the gate stays closed, in milliseconds; 0 when it is open
 * @param waiting calls held by the scope
 * @param oldestWaitMillis how long the oldest of them has been held, in milliseconds; 0 when none
 *     is
 * @param binding the limit that holds calls back, or would first
 * @param inFlight attempts whose answers are not read to the end
 * @param requests attempts that this process has sent since the budget was made; only grows
 * @param tokens tokens that they were charged; only grows
 * @param learnedPerMinute requests a minute that calls are paced at where no header shows a limit,
 *     as learned from 429s; 0 for none
 * @param learnedConcurrency requests in flight at a time that were learned likewise; 0 for none
 * @param predictedWaitMillis how long a call that came now would wait, in milliseconds; about
 * @param callerDeadlineMillis the age at which callers cancel their calls, in milliseconds; 0 when
 *     none is known
 * @param limits every announced limit
 * @param priorities waiting calls by priority, once they differ in one; else empty
 * @param tenants the tenants with most calls waiting; empty where nobody tells tenants
 */
public record ScopeView(
    String provider,
    String owner,
    String model,
    long gateClosedMillis,
    int waiting,
    long oldestWaitMillis,
    Limit binding,
    int inFlight,
    long requests,
    long tokens,
    long learnedPerMinute,
    int learnedConcurrency,
    long predictedWaitMillis,
    long callerDeadlineMillis,
    List<LimitView> limits,
    List<WaitingShare> priorities,
    List<WaitingShare> tenants) {
  public ScopeView {
    limits = List.copyOf(limits);
    priorities = List.copyOf(priorities);
    tenants = List.copyOf(tenants);
  }

  /** Whose waiting calls are all alike. */
  public ScopeView(
      String provider,
      String owner,
      String model,
      long gateClosedMillis,
      int waiting,
      long oldestWaitMillis,
      Limit binding,
      int inFlight,
      long requests,
      long tokens,
      long learnedPerMinute,
      int learnedConcurrency,
      long predictedWaitMillis,
      long callerDeadlineMillis,
      List<LimitView> limits) {
    this(
        provider,
        owner,
        model,
        gateClosedMillis,
        waiting,
        oldestWaitMillis,
        binding,
        inFlight,
        requests,
        tokens,
        learnedPerMinute,
        learnedConcurrency,
        predictedWaitMillis,
        callerDeadlineMillis,
        limits,
        List.of(),
        List.of());
  }

  /** Of which nothing was learned but what headers announce. */
  public ScopeView(
      String provider,
      String owner,
      String model,
      long gateClosedMillis,
      int waiting,
      long oldestWaitMillis,
      Limit binding,
      int inFlight,
      long requests,
      long tokens,
      List<LimitView> limits) {
    this(
        provider,
        owner,
        model,
        gateClosedMillis,
        waiting,
        oldestWaitMillis,
        binding,
        inFlight,
        requests,
        tokens,
        0,
        0,
        0,
        0,
        limits);
  }

  /** The model without the operation that has limits of its own. */
  public String modelName() {
    int hash = model.lastIndexOf('#');
    return hash > 0 ? model.substring(0, hash) : model;
  }

  /** The operation that has limits of its own, such as {@code embedding}; empty for none. */
  public String operation() {
    int hash = model.lastIndexOf('#');
    return hash > 0 ? model.substring(hash + 1) : "";
  }
}
