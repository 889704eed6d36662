package dev.paceline.okhttp.beside;

import dev.paceline.call.CallExecution;
import dev.paceline.call.Ticket;
import okhttp3.Call;
import okhttp3.Dispatcher;
import org.jspecify.annotations.Nullable;

/**
 * An enqueued call that has neither a thread nor a place yet.
 *
 * @param queued whether it stood in the dispatcher's queue before
 * @param alive whether it keeps the JVM from ending
 * @param standin what stands in for it on the client's executor
 * @param context the context class loader of whoever enqueued it: a pool's new thread inherits it
 *     from whoever hands over the call
 */
record Parked(
    Dispatcher dispatcher,
    Object asyncCall,
    Call call,
    CallState state,
    CallExecution course,
    Ticket ticket,
    boolean queued,
    boolean alive,
    Standins.Standin.Hold standin,
    @Nullable ClassLoader context) {}
