package dev.paceline.okhttp;

import dev.paceline.call.Calls;
import dev.paceline.call.ReplayPool;
import dev.paceline.threads.KeepAlive;
import java.util.concurrent.Executor;
import java.util.function.Predicate;
import java.util.function.Supplier;

/**
 * What the part beside the application gets from the agent.
 *
 * @param calls the call room, built at the first request
 * @param woven tells by internal name whether a class was woven in this loader
 * @param handOver runs what must run on neither the timer's thread nor the application's
 * @param bodies reads error bodies; refuses when all its threads are busy
 * @param refused runs calls that had to wait, and then were refused by the client's executor
 * @param alive keeps the JVM while calls are parked
 * @param copies heap for copies of long request bodies
 */
public record Services(
    Supplier<Calls> calls,
    Predicate<String> woven,
    Executor handOver,
    Executor bodies,
    Executor refused,
    KeepAlive alive,
    ReplayPool copies) {
  /** The same for the OkHttp of one loader. */
  Services in(Predicate<String> wovenThere) {
    return new Services(calls, wovenThere, handOver, bodies, refused, alive, copies);
  }
}
