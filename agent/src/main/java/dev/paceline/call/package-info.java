/**
 * The course of one call: recognise, price, admit, send, judge, learn, retry or deliver, settle.
 * Owns the ports.
 */
@NullMarked
package dev.paceline.call;

import org.jspecify.annotations.NullMarked;
