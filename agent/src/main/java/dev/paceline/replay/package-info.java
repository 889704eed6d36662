/**
 * A record's arrivals in virtual time against a provider model with another limit: the product's
 * own calls, queues and limiters, or an SDK that only retries. Pure.
 */
@NullMarked
package dev.paceline.replay;

import org.jspecify.annotations.NullMarked;
