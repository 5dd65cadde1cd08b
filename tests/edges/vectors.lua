-- Judges one vector: a line `base`, `key_set`, `max_lifetime_seconds`, `method`, `target` or `now` for each value, in base64.
local site, request = { key_sets = {} }, {}
ngx.req.read_body()
for name, values in ngx.req.get_body_data():gmatch("([a-z_]+)([^\n]*)\n") do
    local texts = {}
    for value in values:gmatch(" ([^ ]*)") do
        texts[#texts + 1] = ngx.decode_base64(value)
    end
    if name == "key_set" then
        site.key_sets[table.remove(texts, 1)] = texts
    elseif name == "base" then
        site.base = texts[1]
    elseif name == "max_lifetime_seconds" then
        site.max_lifetime_seconds = tonumber(texts[1])
    else
        request[name] = texts[1]
    end
end

local is_fit, edge = pcall(require("bandari_edge").new, site)
local text
if not is_fit then
    text = "unfit: " .. edge
elseif not request.target then
    text = "fit"
else
    local path, rule = edge:verify(request.method, request.target, tonumber(request.now))
    text = path and "accepted: " .. path or "refused: " .. rule
end
ngx.header["Content-Length"] = #text
ngx.print(text)
