/**
 * Loaded beside the application's OkHttp. One pass of a call through the interceptor:
 *
 * <pre>
 * PacelineInterceptor   recognises, else lets pass
 *   Requests            Request to Outgoing, the body read ahead when it can be
 *   Upload              what is sent for the request: itself, or with CopiedBody or KeptBody
 *   Pass                drives the Course: send, wait, deliver, replay
 *     Wire              at the end of the chain: whether anything was sent
 *     ErrorBody         the first bytes of an error body, at most one second; the rest passes through
 *     Answers           Response to Answer and back
 *     Waits, Places     holds the thread, but not its place in the dispatcher
 * Parking               calls that wait at Dispatcher.enqueue, before they have a thread or a place
 * Internals             the few members of OkHttp that are not public
 * </pre>
 *
 * <p>Never implement or wrap {@code Interceptor.Chain} (5.4 grew it from 10 to 40 members) nor
 * {@code Call} (OkHttp casts it to RealCall). Only methods in which all supported versions agree:
 * {@code response.code()}, not a field or a Kotlin property.
 */
@NullMarked
package dev.paceline.okhttp.beside;

import org.jspecify.annotations.NullMarked;
