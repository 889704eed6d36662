package dev.paceline.okhttp;

/**
 * What a run of random calls came to.
 *
 * @param answered calls whose answer was read
 * @param requests that the server saw
 * @param twice calls that ended more than once
 * @param stuck calls that had to be cancelled to end at all
 * @param leaked connections of which OkHttp says so: nobody has closed the body of their response
 * @param left connections that are open at the server after the idle ones were evicted
 * @param cancels calls that ended after they had been cancelled, and stood in no queue of OkHttp's
 * @param median microseconds from a cancel to the call's end
 * @param p99 the same
 * @param slowest the same
 */
public record StressFigures(
    int answered,
    int requests,
    int twice,
    int stuck,
    int leaked,
    int left,
    int cancels,
    long median,
    long p99,
    long slowest) {}
