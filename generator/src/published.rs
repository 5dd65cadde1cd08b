//! From our own model to what is published: the catalog's types, field by field, and `SHA256SUMS`.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io;

use bandari_catalog::v1;

use crate::collect::Claims;
use crate::config::Config;
use crate::image::Image;
use crate::layout;
use crate::product::{Product, Release};

/// The catalog of a site. It says of each package what the model says already, so it is made product by product as it is
/// written, unless something of an earlier one must stay in it.
pub(crate) struct Catalog<'c> {
    site: v1::Site,
    built: &'c [Product],
    claims: &'c Claims,
    /// In place of those that were built now: with what stays of earlier builds.
    merged: Option<Vec<v1::Product>>,
}

impl<'c> Catalog<'c> {
    pub(crate) fn new(
        products: &'c [Product],
        claims: &'c Claims,
        logo: Option<&Image>,
        config: &Config,
    ) -> Self {
        let site = v1::Site {
            title: config.title.clone(),
            vendor: config.vendor.clone(),
            public_url: config.public_url.clone(),
            download_url: config.download_url.clone(),
            protected_url: config.protected_url.clone(),
            renew_url: config.renew_url.clone(),
            account_url: config.account_url.clone(),
            support_url: config.support_url.clone(),
            logo: logo.map(|logo| layout::below_root(&layout::logo(logo.format)).to_owned()),
        };
        Self { site, built: products, claims, merged: None }
    }

    /// Its products, sorted by id.
    pub(crate) fn products(&self) -> impl Iterator<Item = Cow<'_, v1::Product>> {
        let merged = self.merged.iter().flatten().map(Cow::Borrowed);
        let built = self.built.iter().filter(|_| self.merged.is_none());
        merged.chain(built.map(|product| Cow::Owned(catalog_product(product))))
    }

    /// Writes the file.
    pub(crate) fn write(&self, out: &mut dyn io::Write) -> io::Result<()> {
        bandari_catalog::write_products(out, &self.site, self.products())
    }

    /// Adds what is published and was left out. What a new package needs the place of is not added: its id, or the folder of a
    /// product that is licensed now and was not before, whether or not any of its packages is good. What was known from a
    /// changelog that cannot be read now stays known, and with it the files made of it.
    pub(crate) fn keep_left_out(&mut self, published: &[v1::Product]) {
        let mut products: Vec<v1::Product> = self.products().map(Cow::into_owned).collect();
        keep_left_out(&mut products, published, self.claims);
        self.merged = Some(products);
    }
}

pub(crate) fn catalog_product(product: &Product) -> v1::Product {
    v1::Product {
        id: product.id.clone(),
        name: product.name.clone(),
        group: product.group.clone(),
        renew_url: product.renew_url.clone(),
        after_expiry: product.after_expiry,
        summary: product.summary.clone(),
        homepage: product.homepage.clone(),
        icon: product.icon.as_ref().map(|icon| layout::icon_name(icon.format)),
        extension: product.extension.clone(),
        changelog: product.changes().next().is_some(),
        packages: product.releases.iter().map(catalog_package).collect(),
    }
}

fn catalog_package(release: &Release) -> v1::Package {
    v1::Package {
        id: release.id.clone(),
        version: release.version.clone(),
        stability: release.stability,
        file: release.file.clone(),
        size_bytes: release.stamp.size_bytes,
        digests: release.digests.clone(),
        joomla: release.joomla.as_ref().map(ToString::to_string),
        php: release.php.as_deref().map(str::to_owned),
        databases: release.databases.as_deref().cloned(),
        released: release.date().map(|date| date.to_string()),
        withdrawn: release.withdrawn,
    }
}

fn keep_left_out(products: &mut Vec<v1::Product>, published: &[v1::Product], claims: &Claims) {
    let ids: BTreeSet<_> = products.iter().flat_map(|p| &p.packages).map(|p| p.id.clone()).collect();
    for product in published {
        let mut left_out = product.clone();
        keep_told_by_changelog(products, product);
        left_out.packages.retain(|package| !ids.contains(&package.id));
        match products.iter_mut().find(|now| now.id == product.id) {
            Some(now) if now.group.is_some() == product.group.is_some() => {
                let files: BTreeSet<_> = now.packages.iter().map(|package| package.file.clone()).collect();
                left_out.packages.retain(|package| !files.contains(&package.file));
                now.packages.append(&mut left_out.packages);
                now.packages.sort_by(|a, b| b.version.compare(&a.version));
            }
            Some(_) => {}
            None if left_out.packages.is_empty() => {}
            // Where it is, it is for everybody.
            None if product.group.is_none() && claims.may_be_licensed(&product.id) => {}
            None => products.push(left_out),
        }
    }
    products.sort_by(|a, b| a.id.cmp(&b.id));
}

fn keep_told_by_changelog(products: &mut [v1::Product], published: &v1::Product) {
    let Some(now) = products.iter_mut().find(|now| now.id == published.id) else { return };
    now.changelog |= published.changelog;
    for package in &mut now.packages {
        if let Some(before) = published.packages.iter().find(|before| before.id == package.id)
            && package.released.is_none()
        {
            package.released.clone_from(&before.released);
        }
    }
}

/// `SHA256SUMS` of a product, as `sha256sum --check --ignore-missing` reads it in the folder of a download.
pub(crate) fn sha256sums(product: &Product) -> Vec<u8> {
    let mut text = String::new();
    for release in product.offered() {
        writeln!(text, "{}  {}", release.digests.sha256, release.file)
            .expect("writing to a string does not fail");
    }
    text.into_bytes()
}
