/**
 * What the boot loader defines: the premain class and the one door that woven code calls. JDK types
 * of {@code java.base} and {@code java.instrument} only, no lambdas, no logging, no thread.
 *
 * <pre>
 * boot loader         dev.paceline.bootstrap.*      this package, from the agent's jar (Boot-Class-Path, else appended)
 *   platform loader   java.net.http                 woven HttpClientFacade calls Bridge
 *     AgentClassLoader  inst/**.classdata           everything else of the agent and its libraries
 *     application loader  okhttp3.*                 woven OkHttpClient, RealCall, Dispatcher call Bridge
 *       beside-loader   inst/dev/paceline/okhttp/beside/**   one per application loader; sees the agent's classes and that loader's OkHttp
 * </pre>
 */
package dev.paceline.bootstrap;
