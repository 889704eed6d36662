package dev.paceline.config;

/** How tenants are shown on page, status and in local answers. */
public enum TenantNames {
  /** By a hash under a key that is random a process, or of the state file. */
  HASHED,
  /** As the application spells them. */
  PLAIN
}
