-- Made by bandari-validator edge nginx. Do not edit it. It is the same for every site and every key.

-- Says which signed links are good, by the strict profile of Media CDN's exact-URL format. Links are text: nothing of a
-- request is decoded, tidied or put together anew before it is compared.
--
-- Ed25519 comes from the libcrypto that nginx has loaded for TLS, OpenSSL 1.1.1b or later.

local ffi = require "ffi"

local byte, char, find, match, sub = string.byte, string.char, string.find, string.match, string.sub
local floor = math.floor

-- Structs by their tags, as OpenSSL's headers have them: other modules may declare the same functions.
ffi.cdef [[
struct evp_pkey_st *EVP_PKEY_new_raw_public_key(int type, void *engine, const char *bytes, size_t size);
void EVP_PKEY_free(struct evp_pkey_st *key);
struct evp_md_ctx_st *EVP_MD_CTX_new(void);
void EVP_MD_CTX_free(struct evp_md_ctx_st *context);
int EVP_DigestVerifyInit(struct evp_md_ctx_st *context, void *pkey_context, void *digest, void *engine,
                         struct evp_pkey_st *key);
int EVP_DigestVerify(struct evp_md_ctx_st *context, const char *signature, size_t signature_size,
                     const char *message, size_t message_size);
void ERR_clear_error(void);
struct bignum_st *BN_new(void);
void BN_free(struct bignum_st *number);
struct bignum_ctx *BN_CTX_new(void);
void BN_CTX_free(struct bignum_ctx *context);
struct bignum_st *BN_lebin2bn(const char *bytes, int size, struct bignum_st *result);
int BN_sub_word(struct bignum_st *number, unsigned long word);
int BN_mul_word(struct bignum_st *number, unsigned long word);
int BN_mod_mul(struct bignum_st *result, const struct bignum_st *a, const struct bignum_st *b,
               const struct bignum_st *modulus, struct bignum_ctx *context);
int BN_kronecker(const struct bignum_st *a, const struct bignum_st *b, struct bignum_ctx *context);
]]
local C = ffi.C

-- OpenSSL's number for Ed25519 (obj_mac.h: NID_ED25519).
local ED25519 = 1087

-- RFC 8032, section 5.1.
local POINT_SIZE_BYTES, SIGNATURE_SIZE_BYTES = 32, 64

-- The most keys of a set, as in Media CDN. Each costs one more check of a link that none of them signed.
local MAX_KEYS = 3
local MAX_PATH_LENGTH = 1024
local MAX_KEY_SET_NAME_LENGTH = 64

-- Says why a link is refused, to people who follow an old one.
local REASONS = {
    ["method"] = "the request method is neither `GET` nor `HEAD`",
    ["path"] = "the path is not a plain path of letters, digits and `.` `_` `~` `-`",
    ["query-form"] = "the query is not exactly `Expires`, `KeyName` and `Signature`, in this order",
    ["expires-form"] = "the value of `Expires` is not a Unix time of ten digits",
    ["key-set-form"] = "the value of `KeyName` is not a letter followed by up to 63 letters, digits, `_` or `-`",
    ["signature-form"] = "the value of `Signature` is not 64 bytes in 86 characters of base64url",
    ["expired"] = "the link has expired",
    ["too-far-ahead"] = "the link expires further ahead than this server allows",
    ["unknown-key-set"] = "the link names a key set that this server does not know",
    ["signature"] = "the signature was not made for this link by a key that this server trusts",
}

-- What each character of base64url stands for (RFC 4648, section 5), by its byte.
local SIX_BITS = {}
do
    local alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    for position = 1, #alphabet do
        SIX_BITS[byte(alphabet, position)] = position - 1
    end
end

-- The bytes of a text of base64url without padding, or nil for any other spelling of them: the last character has spare
-- bits, and a decoder that does not look at them takes up to 16 spellings of one signature.
local function decoded(text, size_bytes)
    if #text ~= math.ceil(size_bytes * 4 / 3) then
        return nil
    end
    local bytes, rest, rest_values = {}, 0, 1
    for position = 1, #text do
        local bits = SIX_BITS[byte(text, position)]
        if not bits then
            return nil
        end
        rest, rest_values = rest * 64 + bits, rest_values * 64
        if rest_values >= 256 then
            rest_values = rest_values / 256
            local whole = floor(rest / rest_values)
            bytes[#bytes + 1], rest = char(whole), rest - whole * rest_values
        end
    end
    return rest == 0 and table.concat(bytes) or nil
end

local function from_hex(text)
    return (text:gsub("..", function(two) return char(tonumber(two, 16)) end))
end

-- The modulus 2^255 - 19, and the coordinates y of all points of small order, in 32 bytes, the last one the greatest.
local P = from_hex("ed" .. ("ff"):rep(30) .. "7f")
local SMALL_ORDER = {
    [from_hex(("00"):rep(32))] = true, -- order 4
    [from_hex("01" .. ("00"):rep(31))] = true, -- order 1
    [from_hex("ec" .. ("ff"):rep(30) .. "7f")] = true, -- order 2
    [from_hex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05")] = true, -- order 8
    [from_hex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a")] = true, -- order 8
}

-- The coordinate y of a point in 32 bytes: without the topmost bit, which is the sign of x (RFC 8032, section 5.1.2).
local function coordinate(point)
    return sub(point, 1, 31) .. char(byte(point, 32) % 128)
end

-- Whether y is below the modulus and its point has not small order. OpenSSL looks at neither. A key of small order is
-- good for made-up signatures; a coordinate that is not reduced is a second spelling of a point.
local function is_proper(y)
    local is_reduced = byte(y, 1) < byte(P, 1) or sub(y, 2) ~= sub(P, 2)
    return is_reduced and not SMALL_ORDER[y]
end

-- Whether a point of the curve has this y, which OpenSSL does not look at before it checks a signature. The curve is
-- -x^2 + y^2 = 1 - 121665/121666 x^2 y^2, so x^2 is a fraction, which is a square if and only if the product of its
-- numerator and denominator is one: 121666 (y^2 - 1) (121666 - 121665 y^2). -1 is a square itself here, so the sign
-- is no matter.
local function is_on_curve(y)
    local function number(bytes)
        return ffi.gc(C.BN_lebin2bn(bytes, #bytes, nil), C.BN_free)
    end
    local context = ffi.gc(C.BN_CTX_new(), C.BN_CTX_free)
    local p, root = number(P), number(y)
    local numerator, denominator = number(""), number("")
    local is_computed = C.BN_mod_mul(numerator, root, root, p, context) == 1
        and C.BN_mod_mul(denominator, root, root, p, context) == 1
        and C.BN_sub_word(numerator, 1) == 1
        and C.BN_mul_word(numerator, 121666) == 1
        and C.BN_mul_word(denominator, 121665) == 1
        and C.BN_sub_word(denominator, 121666) == 1
        and C.BN_mod_mul(numerator, numerator, denominator, p, context) == 1
    return is_computed and C.BN_kronecker(numerator, p, context) == 1
end

-- OpenSSL's key of a public key in text: 43 characters of base64url, or 44 with one `=`. The texts of errors leave it
-- out: a private key that was pasted by mistake has the same form.
local function public_key(text, name)
    local bytes = decoded(#text == 44 and match(text, "^(.*)=$") or text, POINT_SIZE_BYTES)
    if not bytes then
        error(name .. ": found no 43 characters of base64url, expected a public key", 0)
    end
    local y = coordinate(bytes)
    if not is_proper(y) then
        error(name .. ": found a weak or unreduced public key, expected one made from a private key", 0)
    end
    if not is_on_curve(y) then
        error(name .. ": found no point of the curve, expected an Ed25519 public key", 0)
    end
    local key = C.EVP_PKEY_new_raw_public_key(ED25519, nil, bytes, #bytes)
    if key == nil then
        C.ERR_clear_error()
        error(name .. ": this libcrypto has no Ed25519, expected OpenSSL 1.1.1b or later", 0)
    end
    return bytes, ffi.gc(key, C.EVP_PKEY_free)
end

local function is_key_set_name(text)
    return #text <= MAX_KEY_SET_NAME_LENGTH and find(text, "^[A-Za-z][A-Za-z0-9_%-]*$") ~= nil
end

local function public_keys(texts, name)
    if #texts < 1 or #texts > MAX_KEYS then
        error(name .. ": found " .. #texts .. " public keys, expected 1 to " .. MAX_KEYS, 0)
    end
    local keys, known = {}, {}
    for position, text in ipairs(texts) do
        local bytes, key = public_key(text, name .. ": key " .. position)
        if known[bytes] then
            error(name .. ": key " .. position .. " stands there twice, expected different keys", 0)
        end
        keys[position], known[bytes] = key, true
    end
    return keys
end

-- The classes of characters are written out, since those of Lua's patterns may differ with the locale. `$` is the end
-- of the text and nothing else, and a null byte is a character like any other.
local function is_path(text)
    return #text <= MAX_PATH_LENGTH
        and find(text, "^/[A-Za-z0-9._~/%-]*[A-Za-z0-9._~%-]$") ~= nil
        and not find(text, "//", 1, true)
        and not find(text .. "/", "/%.%.?/")
end

local function is_signed_by(key, message, signature)
    local context = C.EVP_MD_CTX_new()
    if context == nil then
        return false
    end
    local is_good = C.EVP_DigestVerifyInit(context, nil, nil, nil, key) == 1
        and C.EVP_DigestVerify(context, signature, #signature, message, #message) == 1
    C.EVP_MD_CTX_free(context)
    if not is_good then
        -- nginx would find what is left behind in OpenSSL's queue and take it for an error of some TLS connection.
        C.ERR_clear_error()
    end
    return is_good
end

local Edge = {}
Edge.__index = Edge

-- An edge of a site: `base`, `key_sets` and, if there is a limit, `max_lifetime_seconds`, as in
-- bandari_edge_keys.lua. A site that is not fit for verifying is an error. Make it when nginx reads its
-- configuration: that costs, verifying does not.
function Edge.new(site)
    if not find(site.base, "^https?://[a-z0-9.:%[%]%-]+$") then
        error("base: found `" .. site.base .. "`, expected an origin such as `https://packages.example.org`", 0)
    end
    local key_sets = {}
    for name, texts in pairs(site.key_sets) do
        if not is_key_set_name(name) then
            error("key set: expected a letter, then up to 63 letters, digits, `_` or `-`", 0)
        end
        key_sets[name] = public_keys(texts, "key set `" .. name .. "`")
    end
    return setmetatable({
        base = site.base,
        key_sets = key_sets,
        max_lifetime_seconds = site.max_lifetime_seconds or math.huge,
    }, Edge)
end

-- Judges a request at a time in Unix seconds. `target` is path and query as they came over the wire. Gives the path
-- to serve, or nil and the name of the first rule that the request breaks. Cheap rules come first.
function Edge:verify(method, target, now)
    if method ~= "GET" and method ~= "HEAD" then
        return nil, "method"
    end
    local path, query = match(target, "^([^?]*)%??(.*)$")
    if not is_path(path) then
        return nil, "path"
    end
    local expires, key_set, signature = match(query, "^Expires=([^&]*)&KeyName=([^&]*)&Signature=([^&]*)$")
    if not expires then
        return nil, "query-form"
    end
    if #expires ~= 10 or not find(expires, "^[1-9][0-9]*$") then
        return nil, "expires-form"
    end
    if not is_key_set_name(key_set) then
        return nil, "key-set-form"
    end
    local signature_bytes = decoded(signature, SIGNATURE_SIZE_BYTES)
    if not signature_bytes then
        return nil, "signature-form"
    end
    -- Ten digits are a whole number that a double holds exactly.
    local left_seconds = tonumber(expires) - now
    if left_seconds <= 0 then
        return nil, "expired"
    end
    if left_seconds > self.max_lifetime_seconds then
        return nil, "too-far-ahead"
    end
    local keys = self.key_sets[key_set]
    if not keys then
        return nil, "unknown-key-set"
    end
    local signed = self.base .. sub(target, 1, #target - #"&Signature=" - #signature)
    -- OpenSSL refuses an S that is not below the group order, and takes an R of small order.
    if is_proper(coordinate(signature_bytes)) then
        for _, key in ipairs(keys) do
            if is_signed_by(key, signed, signature_bytes) then
                return path
            end
        end
    end
    return nil, "signature"
end

-- Lets nginx go on with a good request, for the verified path alone, and answers all others. To be called in the access
-- phase, which is before any cache.
function Edge:admit()
    local method, target = ngx.var.request_method, ngx.var.request_uri
    -- `$request_uri` leaves the host out of a target that is a whole address. That is no path, whatever host it names.
    local protocol = ngx.var.server_protocol or ""
    if ngx.var.request ~= method .. " " .. target .. " " .. protocol then
        target = ""
    end
    local path, rule = self:verify(method, target, ngx.time())
    if path then
        ngx.req.set_uri(path)
        ngx.req.set_uri_args("")
        return
    end
    local text = "Refused (" .. rule .. "): " .. REASONS[rule] .. ".\n"
    -- A body must not be taken for the next request.
    ngx.req.discard_body()
    ngx.status = ngx.HTTP_FORBIDDEN
    ngx.header["Content-Type"] = "text/plain; charset=utf-8"
    ngx.header["Content-Length"] = #text
    ngx.print(text)
    return ngx.exit(ngx.HTTP_OK)
end

-- Says what an answer is. To be called in the header filter, behind `admit`; nginx may call it twice for an answer.
function Edge:add_headers()
    local header = ngx.header
    header["Referrer-Policy"] = "no-referrer"
    -- A part is not a part yet when nginx comes here.
    if ngx.status == ngx.HTTP_OK or ngx.status == ngx.HTTP_PARTIAL_CONTENT or ngx.status == ngx.HTTP_NOT_MODIFIED then
        -- The characters of a verified path need no escaping.
        header["Content-Disposition"] = 'attachment; filename="' .. match(ngx.var.uri, "[^/]*$") .. '"'
        header["Content-Type"] = "application/octet-stream"
        header["Cache-Control"] = "private, no-transform"
    else
        header["Content-Disposition"] = nil
        header["Cache-Control"] = "no-store"
    end
end

return Edge
