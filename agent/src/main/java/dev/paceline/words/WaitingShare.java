package dev.paceline.words;

/**
 * How many calls of one priority or tenant wait.
 *
 * @param name the priority's tag, or what the tenant is called where people see it
 * @param waiting calls
 */
public record WaitingShare(String name, int waiting) {}
