# Made by bandari-validator edge media-cdn. Make it anew after keys rotate; do not edit it.
# What is yours alone, project and bucket, stands in terraform.tfvars: README.md tells how it gets there.

terraform {
  required_version = ">= 1.3"
  required_providers {
    google = {
      source  = "hashicorp/google"
      version = ">= 6.50"
    }
  }
}

variable "project" {
  description = "Id of the Google Cloud project"
  type        = string
}

variable "bucket" {
  description = "Name of the bucket for the licensed packages, which is made"
  type        = string
}

variable "location" {
  description = "Where the bucket is"
  type        = string
  default     = "EU"
}

provider "google" {
  project = var.project
}

data "google_project" "packages" {
  project_id = var.project
}

resource "google_storage_bucket" "packages" {
  name                        = var.bucket
  location                    = var.location
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
}

# Media CDN reads the bucket with an account of its own, which is there once it has been used in the project.
resource "google_storage_bucket_iam_member" "packages" {
  bucket     = google_storage_bucket.packages.name
  role       = "roles/storage.objectViewer"
  member     = "serviceAccount:service-${data.google_project.packages.number}@gcp-sa-mediaedgefill.iam.gserviceaccount.com"
  depends_on = [google_network_services_edge_cache_service.packages]
}
{%- if scheme == "https" %}

resource "google_certificate_manager_dns_authorization" "packages" {
  name   = "{{ key_set }}"
  domain = "{{ host }}"
}

resource "google_certificate_manager_certificate" "packages" {
  name  = "{{ key_set }}"
  scope = "EDGE_CACHE"

  managed {
    domains            = [google_certificate_manager_dns_authorization.packages.domain]
    dns_authorizations = [google_certificate_manager_dns_authorization.packages.id]
  }
}
{%- endif %}

# KeyName of a link is this name. The keys are tried in order, and three is what a key set holds.
resource "google_network_services_edge_cache_keyset" "packages" {
  name = "{{ key_set }}"
{%- for key in keys %}

  public_key {
    id    = "{{ key.id }}"
    value = "{{ key.public_key }}"
  }
{%- endfor %}
}

resource "google_network_services_edge_cache_origin" "packages" {
  name           = "{{ key_set }}"
  description    = "Licensed packages"
  origin_address = google_storage_bucket.packages.url
}

resource "google_network_services_edge_cache_service" "packages" {
  name        = "{{ key_set }}"
  description = "Licensed packages by signed link"
{%- if scheme == "https" %}

  edge_ssl_certificates = [google_certificate_manager_certificate.packages.id]
  require_tls           = true
{%- endif %}

  # The log may hold whole addresses, and a signed one is a permission until it expires.
  log_config {
    enable = false
  }

  routing {
    host_rule {
      hosts        = ["{{ host }}"]
      path_matcher = "packages"
    }

    path_matcher {
      name = "packages"

      # The one route: for anything else Media CDN answers 404 by itself.
      route_rule {
        priority    = 1
        description = "Licensed packages"
        origin      = google_network_services_edge_cache_origin.packages.name

        match_rule {
          prefix_match = "{{ path }}/"
        }

        route_methods {
          allowed_methods = ["GET", "HEAD"]
        }

        route_action {
          cdn_policy {
            signed_request_mode                   = "REQUIRE_SIGNATURES"
            signed_request_keyset                 = google_network_services_edge_cache_keyset.packages.id
            signed_request_maximum_expiration_ttl = "{{ max_lifetime_seconds }}s"

            # Whatever the stored object says to other caches: each link is checked before the cache is looked at.
            cache_mode  = "FORCE_CACHE_ALL"
            default_ttl = "86400s"

            cache_key_policy {
              exclude_query_string = true
            }
          }
        }

        header_action {
          response_header_to_add {
            header_name  = "Cache-Control"
            header_value = "private, no-transform"
            replace      = true
          }

          response_header_to_add {
            header_name  = "Referrer-Policy"
            header_value = "no-referrer"
            replace      = true
          }
        }
      }
    }
  }
}

output "ipv4_addresses" {
  description = "For the A records of {{ host }}"
  value       = google_network_services_edge_cache_service.packages.ipv4_addresses
}

output "ipv6_addresses" {
  description = "For its AAAA records"
  value       = google_network_services_edge_cache_service.packages.ipv6_addresses
}
