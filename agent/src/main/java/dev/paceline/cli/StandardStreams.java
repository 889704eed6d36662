package dev.paceline.cli;

import java.io.InputStream;
import java.io.PrintStream;

/** What a command talks through. */
public record StandardStreams(PrintStream out, PrintStream err, InputStream in) {}
