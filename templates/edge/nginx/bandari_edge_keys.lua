-- Made by bandari-validator edge nginx. Make it anew after keys rotate; do not edit it.

-- Which links this edge takes. Nothing in here is secret. The only file of the edge that a rotation of keys changes.
return {
    -- What stands before the path of each link. It is signed, too, and never taken from a request.
    base = "{{ base }}",
    -- By the name of each set its public keys, the one that signs first.
    key_sets = {
        ["{{ key_set }}"] = {
{%- for key in keys %}
            "{{ key.public_key }}", -- {{ key.name }}
{%- endfor %}
        },
    },
    -- How far ahead of the clock a link may expire.
    max_lifetime_seconds = {{ max_lifetime_seconds }},
}
