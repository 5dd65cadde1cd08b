# Licensed packages from Varnish's cache, to whoever brings a signed link. Tried with Varnish 7.1. Adapt the addresses.
#
# Each request goes through twice. First it is turned into a question to the validator. Only when that answers 200 does it
# start again (`restart`), without its query, and is looked for in the cache. `req.restarts` tells which of the two it is: no
# client can set it. All ways end in a `return`, so that nothing of Varnish's built-in rules is added to these.
vcl 4.1;

import std;

# `listen` of the validator, which says what may be served (`GET /edge/verify`).
backend validator {
    .host = "127.0.0.1";
    .port = "8480";
    .connect_timeout = 2s;
    .first_byte_timeout = 5s;
}

# Who has the files: files.conf.
backend files {
    .host = "127.0.0.1";
    .port = "8081";
}

sub vcl_recv {
    # For a log, of a target only what stands before the first character that no path of a package has: whoever reads a signed link
    # there could use it, also one with something else in the place of its `?`.
    std.log("bandari:" + regsub(req.url, "[^A-Za-z0-9._~/-].*", ""));
    if (req.restarts > 1) {
        return (synth(503));
    }
    if (req.restarts == 1) {
        # Verified. One file is one object in the cache, whatever its link looked like.
        set req.backend_hint = files;
        set req.url = regsub(req.url, "\?.*", "");
        unset req.http.X-Original-URI;
        return (hash);
    }
    if (req.method != "GET" && req.method != "HEAD") {
        return (synth(403));
    }
    # Of a range that it cannot read, Varnish makes an error. Such a header is left out (RFC 9110, section 14.2).
    if (req.http.Range !~ "^bytes=([0-9]{1,18}-([0-9]{1,18})?|-[0-9]{1,18})$") {
        unset req.http.Range;
    }
    # The one header that the validator reads: `header` of its `[edge_verify]`. It replaces all that the client sent of that name.
    set req.http.X-Original-URI = req.url;
    set req.backend_hint = validator;
    return (pass);
}

sub vcl_hash {
    # No host: whatever a client says of that, the signature holds for one.
    hash_data(req.url);
    return (lookup);
}

# A file that is not in the cache.
sub vcl_backend_fetch {
    # Nothing that a client adds may change what is kept for all.
    unset bereq.body;
    unset bereq.http.Accept-Encoding;
    unset bereq.http.Authorization;
    unset bereq.http.Cookie;
    unset bereq.http.X-Forwarded-For;
    set bereq.http.Host = "localhost";
    if (bereq.backend == validator) {
        # Its address is written here, so that the client's is in the header and nowhere else.
        set bereq.url = "/edge/verify";
        set bereq.method = "GET";
        unset bereq.http.Range;
    }
    return (fetch);
}

sub vcl_backend_response {
    if (bereq.backend == validator) {
        return (deliver);
    }
    unset beresp.http.Set-Cookie;
    unset beresp.http.Vary;
    # The file of a release never changes. After an hour one that was taken away is gone from here, too.
    set beresp.ttl = 1h;
    set beresp.grace = 0s;
    if (beresp.status != 200) {
        set beresp.ttl = 0s;
        set beresp.uncacheable = true;
    }
    return (deliver);
}

sub vcl_deliver {
    unset resp.http.Via;
    unset resp.http.X-Varnish;
    set resp.http.Referrer-Policy = "no-referrer";
    if (req.restarts == 0) {
        if (resp.status == 200) {
            return (restart);
        }
        if (resp.status >= 500) {
            return (synth(503));
        }
        # The validator's own words: which rule the link breaks.
        set resp.status = 403;
        set resp.http.Cache-Control = "no-store";
        return (deliver);
    }
    if (resp.status == 200) {
        set resp.http.Content-Type = "application/octet-stream";
        set resp.http.Content-Disposition = {"attachment; filename=""} + regsub(req.url, ".*/", "") + {"""};
        set resp.http.Cache-Control = "private, no-transform";
        return (deliver);
    }
    if (resp.status == 404) {
        return (synth(404));
    }
    return (synth(503));
}

# Everything that Varnish answers by itself.
sub vcl_synth {
    set resp.http.Cache-Control = "no-store";
    set resp.http.Referrer-Policy = "no-referrer";
    set resp.http.Content-Type = "text/plain; charset=utf-8";
    if (resp.status == 403) {
        set resp.body = {"Refused (method): the request method is neither `GET` nor `HEAD`.
"};
    } else if (resp.status == 404) {
        set resp.body = {"There is nothing at this address.
"};
    } else {
        set resp.body = {"The server cannot answer now. Please try again later.
"};
    }
    return (deliver);
}
