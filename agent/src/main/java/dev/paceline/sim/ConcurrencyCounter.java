package dev.paceline.sim;

/** Requests in flight. */
final class ConcurrencyCounter implements Counter {
  private long places;
  private long inFlight;

  ConcurrencyCounter(long places, long initial) {
    this.places = places;
    this.inFlight = places - initial;
  }

  @Override
  public void advance(long now) {}

  @Override
  public long capacity() {
    return places;
  }

  @Override
  public long available() {
    return places - inFlight;
  }

  @Override
  public void take(long units) {
    inFlight += units;
  }

  @Override
  public void release() {
    inFlight = Math.max(0, inFlight - 1);
  }

  @Override
  public long nanosUntil(long units) {
    return units <= available() ? 0 : Decision.Rejected.WAIT_UNKNOWN;
  }

  @Override
  public long resetNanos() {
    return 0;
  }

  @Override
  public void resize(long amount) {
    places = amount;
  }
}
