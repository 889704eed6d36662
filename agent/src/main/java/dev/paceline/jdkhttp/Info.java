package dev.paceline.jdkhttp;

import java.net.http.HttpClient;
import java.net.http.HttpHeaders;
import java.net.http.HttpResponse.ResponseInfo;

/** What a body handler is shown. */
record Info(int statusCode, HttpHeaders headers, HttpClient.Version version)
    implements ResponseInfo {}
