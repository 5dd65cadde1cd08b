//! What a vendor begins with: the configuration that `bandari-validator init` writes: every key with its default, told in a comment.

/// A configuration to begin with, for `bandari-validator init`.
pub(crate) fn starting_text(catalog: &str) -> String {
    let catalog = toml::Value::from(catalog);
    format!(
        r#"# bandari-validator. Paths count from this file's folder.

# Where customers' Joomlas ask, and where your own monitoring asks (/healthz, /readyz, /metrics). Put TLS in front of the
# first, or see `[tls]`.
listen = "127.0.0.1:8480"
private_listen = "127.0.0.1:8481"

# The catalog that `bandari build` wrote: a path, or the https address where it is published; and how often to look whether
# there is a new one.
catalog = {catalog}
catalog_check_seconds = 10

# Name of the key set at your CDN: `KeyName` of every signed URL.
key_set = "bandari"

# Made by `bandari-validator init`, readable by their owner only.
signing_key = "secrets/signing-key.pem"
seeds = "secrets/seeds.toml"
licenses = "secrets/licenses.sqlite"

# For how long a signed URL is good, at least.
link_lifetime_seconds = 300

# 403 for every refused download, or a number for each reason ("by-reason"): the number is all that Joomla shows.
refusal_status = "uniform"

# Names under which a license key may come; the first that holds one counts.
key_parameters = ["dlid", "key", "download_id", "download_key", "token", "license", "license_key"]

# Your own words and pages: `languages/*.toml`, `refusal/page.html` and `refusal/style.css` in this folder replace ours.
# templates = "templates"

# A small shop needs one machine: let the validator serve the files, too.
# serve_protected = "output/protected"
# serve_public = "output/public"

# Proxies in front of this validator, addresses and networks: who asks is then read from their `X-Forwarded-For`.
# trusted_proxies = ["127.0.0.1", "10.0.0.0/8"]

# Log lines for people, or an object a line ("json").
log_format = "plain"

# What is known of a customer counts for a moment, and while the license store is away for a day.
[look_ups]
cache_seconds = 10
stale_if_error_seconds = 86400
time_limit_seconds = 2

# For a proxy that serves licensed packages and asks `/edge/verify` whether it may (nginx: `auth_request`, Caddy:
# `forward_auth`): the header with the target of its client's request. The proxy must overwrite it, whatever came.
# [edge_verify]
# header = "X-Original-URI"

# What clients may take of this machine. An address is one of IPv4 or a /64 of IPv6; proxies named above count as none.
# [limits]
# connections = 10000
# connections_per_address = 256
# head_bytes = 16384
# target_bytes = 8192
# headers = 100
# body_bytes = 16384
# head_seconds = 10
# body_seconds = 10
# idle_seconds = 75                      # longer than a proxy in front keeps its connections
# write_seconds = 30

# Certificate (with its chain) and key in PEM, when nothing in front speaks TLS. Secret: the key, mode 600 or 640.
# [tls]
# certificate = "secrets/fullchain.pem"
# key = "secrets/privkey.pem"

# So that customers can have their keys sent to them (`/send-key/`, `keybyemail`). Secret: the password file, mode 600.
# [mail]
# from = "Example Extensions <keys@example.org>"
# transport = "smtp"                     # or "sendmail", or "folder" for a trial
# host = "mail.example.org"
# tls = "starttls"                       # port 587; "tls" is port 465; "none" for a server on this machine only
# username = "keys@example.org"
# password_file = "secrets/mail-password"

# Users and licenses of a Joomla site, straight from its database, which is only read. The file of licenses then keeps what only
# this validator knows of them. Secret: the password file, mode 600.
# [joomla]
# database = "mysql"                     # MariaDB, too; or "postgresql"
# host = "127.0.0.1"                     # or socket = "/run/mysqld/mysqld.sock", for PostgreSQL its folder
# port = 3306
# name = "joomla"
# user = "bandari"
# password_file = "secrets/joomla-password"
# prefix = "jos_"
# tls = "none"                           # for a database on this machine only; "required" is the default
# ca_file = "secrets/database-ca.pem"    # certificates that are trusted besides the public ones
# max_connections = 8
# [joomla.user_groups]                   # ids of Joomla user groups whose members may download, by group of the catalog
# example = [10, 11]
# [joomla.licenses]                      # dates and states, where the shop has them
# preset = "subscriptions"               # or query = "SELECT … AS state, … AS expires, … AS canceled FROM #__… WHERE …"
# [joomla.download_ids]                  # keys that the site has given out
# preset = "ars"                         # or query = "SELECT … AS user_id FROM #__… WHERE … = :key"
"#
    )
}
