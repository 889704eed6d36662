package dev.paceline.provider;

public record BodyFacts(String model, boolean stream, boolean tools, boolean serverState) {}
