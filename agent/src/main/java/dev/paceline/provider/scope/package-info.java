/** Whose limit a call counts against: hosts, mapped hosts, credentials and owners. */
@NullMarked
package dev.paceline.provider.scope;

import org.jspecify.annotations.NullMarked;
