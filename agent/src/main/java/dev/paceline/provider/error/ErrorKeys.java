package dev.paceline.provider.error;

import java.util.Set;

/** Names of fields in error bodies, and the sentences that end what happened. */
final class ErrorKeys {
  static final Set<String> CODES =
      Set.of(
          "code",
          "type",
          "status",
          "error_code",
          "errorcode",
          "errorCode",
          "error_type",
          "reason",
          "__type",
          "limit_source",
          "Code",
          "exception",
          "errorType",
          "error_subtype",
          "subtype",
          "sub_code",
          "limit_type",
          "limitType",
          "limit_name",
          "limitName",
          "rate_limit_type",
          "quota_type",
          "dimension",
          "scope",
          "metric");
  static final Set<String> TEXTS =
      Set.of(
          "message",
          "msg",
          "error",
          "error_msg",
          "status_msg",
          "detail",
          "details",
          "description",
          "faultstring",
          "error_message",
          "raw",
          "Message",
          "errors",
          "error_description",
          "remedy_hint");

  /** Echoes of the request: a prompt must not decide what an answer means. */
  static final Set<String> ECHOES =
      Set.of(
          "input",
          "request",
          "prompt",
          "messages",
          "body",
          "ctx",
          "failed_generation",
          "links",
          "help");

  /** Where a message turns from what happened to advice that names other limits. */
  static final String[] ADVICE = {
    "need more tokens", "please reduce", "for details refer to", "see the response headers",
        "you can see the response headers", "you can increase",
    "the input or output tokens must be reduced", "you may also contact", "to increase your",
        "please submit", "credits to unlock", "upgrade to",
    "received model group", "you can continue to use", "please go here"
  };

  private ErrorKeys() {}
}
