-- Asks the validator whether a request is for a signed link that is good. Belongs to haproxy.cfg, as
-- /etc/haproxy/bandari.lua. Adapt the address and the header.

-- `listen` of the validator.
local VALIDATOR = "http://127.0.0.1:8480/edge/verify"
-- The one header that the validator reads: `header` of its `[edge_verify]`, in lower case.
local HEADER = "x-original-uri"
-- How long the validator may take, in milliseconds. HAProxy asks up to four times.
local PATIENCE = 1500

-- Sets `txn.bandari_verdict` to `verified`, `refused` or `away`, and with it `txn.bandari_path` or `txn.bandari_text`.
local function verify(txn)
    -- Should anything below fail, it stays at this, and nothing is served.
    txn:set_var("txn.bandari_verdict", "away")
    -- As it came over the wire.
    local target = txn.sf:url()
    -- A request of our own: nothing that the client sent is in it but the target.
    local answer = core.httpclient():get{ url = VALIDATOR, headers = { [HEADER] = { target } }, timeout = PATIENCE }
    if answer.status == 200 then
        txn:set_var("txn.bandari_path", (target:match("^[^?]*")))
        txn:set_var("txn.bandari_verdict", "verified")
    elseif answer.status >= 400 and answer.status < 500 then
        txn:set_var("txn.bandari_text", (answer.body:match("^[^\r\n]*")))
        txn:set_var("txn.bandari_verdict", "refused")
    end
end

core.register_action("bandari_verify", { "http-req" }, verify)
