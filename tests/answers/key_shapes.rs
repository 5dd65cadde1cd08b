//! Where a key may stand in a request, and how it may be written.

use super::*;

fn status(customers: &Customers, parameters: &str) -> u16 {
    customers.get(&format!("/download/lighthouse_110?{parameters}"), &[]).status
}

/// The key of the customer whose license is good.
fn good(customers: &Customers, shape: Shape) -> String {
    customers.key(&STATES[0], shape)
}

#[test]
fn download_ids_are_read_as_akeeba_release_system_reads_them() {
    let customers = Customers::of("");
    let (primary, add_on) = (good(&customers, Shape::DownloadId), good(&customers, Shape::AddOnId));
    for parameters in [
        format!("dlid={primary}"),
        format!("dlid={}", primary.to_uppercase()),
        format!("dlid=%20{primary}%20"),
        format!("dlid=+{primary}"),
        format!("dlid={add_on}"),
        format!("dlid={}", add_on.replace(':', "%3A")),
        format!("dlid={}", add_on.replace(':', "%253A")),
        format!("dlid={}", add_on.to_uppercase()),
        format!("dlid={primary}&dummy=my.zip"),
        format!("dlid={primary}&amp;dummy=my.zip"),
        format!("dlid={primary}%26dummy%3Dmy.zip"),
        format!("x=1&amp;dlid={primary}"),
    ] {
        assert_eq!(status(&customers, &parameters), 302, "{parameters}");
    }
}

#[test]
fn what_was_pasted_around_a_key_of_any_shape_does_not_count() {
    let customers = Customers::of("key_parameters = ['dlid', 'tid']");
    for shape in SHAPES {
        let key = good(&customers, shape);
        for value in [
            format!("%C2%A0{key}%E2%80%8B"),
            format!("%EF%BB%BF{key},"),
            format!("%E2%80%9E{key}%E2%80%9C"),
            format!("%22{key}%22"),
            format!("%C2%BB{key}%C2%AB"),
            format!("dlid%3D{key}"),
            format!("tid%3D%22{key}%22"),
        ] {
            assert_eq!(status(&customers, &format!("dlid={value}")), 302, "{shape:?}: {value}");
        }
        assert_eq!(status(&customers, &format!("dlid=license%3D{key}")), 403, "{shape:?}");
    }
}

#[test]
fn a_download_id_that_is_not_quite_one_is_refused_like_any_other() {
    let customers = Customers::of("");
    let (primary, add_on) = (good(&customers, Shape::DownloadId), good(&customers, Shape::AddOnId));
    let digits = add_on.split_once(':').unwrap().1;
    let refused = [
        primary[..31].to_owned(),
        primary.replacen('0', "1", 1),
        format!("999:{digits}"),
        digits.to_owned(),
        format!("120:{primary}"),
    ]
    .map(|key| customers.get(&format!("/download/lighthouse_110?dlid={key}"), &[]));
    for answer in &refused {
        assert_eq!((answer.status, answer.text()), (403, refused[0].text()));
    }
}

#[test]
fn a_key_is_found_under_every_name_that_other_systems_use() {
    let customers = Customers::of("");
    let key = good(&customers, Shape::Derived);
    for name in ["dlid", "key", "download_id", "download_key", "token", "license", "license_key"] {
        assert_eq!(status(&customers, &format!("{name}={key}")), 302, "{name}");
        assert_eq!(status(&customers, &format!("task=x&amp;{name}={key}&amp;f=.zip")), 302, "amp;{name}");
    }
    assert_eq!(status(&customers, &format!("tid={key}")), 403);
    assert_eq!(status(&customers, &format!("dlid=&license={key}")), 302);
}

#[test]
fn a_vendor_names_the_parameters_of_keys() {
    let customers = Customers::of("key_parameters = ['tid']");
    let key = good(&customers, Shape::Opaque);
    assert_eq!(status(&customers, &format!("tid={key}")), 302);
    assert_eq!(status(&customers, &format!("dlid={key}")), 403);
}

#[test]
fn a_key_may_come_in_a_header() {
    let customers = Customers::of("");
    let key = good(&customers, Shape::AddOnId);
    for line in [format!("Authorization: Bearer {key}"), format!("X-Download-Key: {key}")] {
        let answer = customers.get("/download/lighthouse_110", &[&line]);
        assert_eq!(answer.status, 302, "{line}");
        assert_eq!(json(&customers.get("/check/lighthouse", &[&line]))["state"], "valid");
    }
    let basic = customers.get("/download/lighthouse_110", &["Authorization: Basic YTpi"]);
    assert_eq!(basic.text().trim_end(), MISSING.message(0).unwrap());
}

#[test]
fn an_imported_key_goes_with_the_mail_address_of_its_holder_only() {
    let customers = Customers::of("");
    let key = good(&customers, Shape::Opaque);
    assert_eq!(status(&customers, &format!("email=Ada%40Example.org&key={key}")), 302);
    assert_eq!(status(&customers, &format!("email=bea%40example.org&key={key}")), 403);
}
