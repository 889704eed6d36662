/**
 * Who else shares a limit, and how much of it is whose: members of a table in Redis exchange what
 * they want now and then, never on a call's path, and every one computes the same shares from the
 * same table. The protocol is written down in {@code docs/decisions/013-shares-by-a-table.md}.
 *
 * <pre>
 *   Claim          what one member may use of one limit; the safe step, model-checked
 *   MaxMin         shares by demand
 *   MemberState    what one member tells the others; its text in the table
 *   ShareProtocol  one member of one table: table in, own claim out
 *   Fleet          all tables of a JVM: when to exchange, what it costs, what a failure means
 * </pre>
 *
 * All but the connection is pure: time is an argument.
 */
@NullMarked
package dev.paceline.fleet;

import org.jspecify.annotations.NullMarked;
