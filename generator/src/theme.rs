//! The vendor's look: custom properties that replace those of the style sheet, and the site's own icon. Whatever color the
//! vendor has, what is written in it or on it can be read (WCAG 2.2, success criteria 1.4.3 and 1.4.11): where it cannot, its
//! lightness is moved, as little as needed and with its hue kept, in the light and the dark scheme apart.

use palette::color_difference::Wcag21RelativeContrast;
use palette::convert::FromColorUnclamped;
use palette::{FromColor, Oklch, Srgb};
use quick_xml::events::BytesText;

use crate::config::Theme;
use crate::{monogram, xml};

/// The accent of a site that names none, as the style sheet has it.
const DEFAULT_ACCENT: Srgb<u8> = Srgb::new(0x0b, 0x57, 0xa4);

/// Contrast of text, also of that on a button.
const MIN_TEXT_CONTRAST: f64 = 4.5;

/// Contrast of what tells where a button is.
const MIN_CONTROL_CONTRAST: f64 = 3.0;

/// How often the way from the vendor's color to black or white, and from gray to full color, is halved: 1/4096 of it is less
/// than the 256 steps of a color show.
const HALVINGS: usize = 12;

const BLACK: Srgb<u8> = Srgb::new(0, 0, 0);
const WHITE: Srgb<u8> = Srgb::new(255, 255, 255);

/// What pages are drawn on, in one of the two schemes that browsers prefer. The style sheet names the same colors.
struct Scheme {
    /// `--ground` and `--card`.
    grounds: [Srgb<u8>; 2],
    /// Oklab's lightness of what can always be read on them.
    readable: f64,
}

const LIGHT: Scheme =
    Scheme { grounds: [Srgb::new(0xf6, 0xf7, 0xf9), Srgb::new(0xff, 0xff, 0xff)], readable: 0.0 };

const DARK: Scheme =
    Scheme { grounds: [Srgb::new(0x12, 0x15, 0x1a), Srgb::new(0x1b, 0x20, 0x27)], readable: 1.0 };

/// The accent as one scheme shows it.
struct Shades {
    /// Fill of buttons.
    fill: Srgb<u8>,
    /// Text on that.
    on_fill: Srgb<u8>,
    /// Text and links on both grounds.
    text: Srgb<u8>,
}

impl Shades {
    fn new(accent: Srgb<u8>, scheme: &Scheme) -> Self {
        let at_least = |contrast: f64| {
            move |color: Srgb<u8>| scheme.grounds.iter().all(|ground| contrast_of(color, *ground) >= contrast)
        };
        let fill = moved(accent, scheme.readable, at_least(MIN_CONTROL_CONTRAST));
        // One of the two always has a contrast of at least 4.58, the square root of that between them.
        let on_fill = if contrast_of(WHITE, fill) >= MIN_TEXT_CONTRAST { WHITE } else { BLACK };
        Self { fill, on_fill, text: moved(accent, scheme.readable, at_least(MIN_TEXT_CONTRAST)) }
    }

    /// The properties' declarations.
    fn css(&self) -> String {
        let Self { fill, on_fill, text } = self;
        format!("--accent:#{fill:x};--accent-text:#{text:x};--on-accent:#{on_fill:x};")
    }
}

fn contrast_of(a: Srgb<u8>, b: Srgb<u8>) -> f64 {
    a.into_format::<f64>().relative_contrast(b.into_format())
}

/// The color itself where it is good, else the nearest one between it and `lightness` that is; there, it always is.
fn moved(color: Srgb<u8>, lightness: f64, is_good: impl Fn(Srgb<u8>) -> bool) -> Srgb<u8> {
    if is_good(color) {
        return color;
    }
    let color = Oklch::from_color(color.into_format::<f64>());
    let (mut near, mut far) = (color.l, lightness);
    let mut found = shown(Oklch { l: far, ..color });
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(near, far);
        let between = shown(Oklch { l: middle, ..color });
        if is_good(between) {
            (far, found) = (middle, between);
        } else {
            near = middle;
        }
    }
    found
}

/// The color as screens show it: with as much of its chroma as sRGB has at its lightness and hue.
fn shown(color: Oklch<f64>) -> Srgb<u8> {
    let of_chroma = |chroma: f64| {
        let rgb = Srgb::from_color_unclamped(Oklch { chroma, ..color });
        // Half of a step of 256 is rounded away.
        let is_shown = [rgb.red, rgb.green, rgb.blue].iter().all(|part| (-0.002..=1.002).contains(part));
        is_shown.then(|| rgb.into_format::<u8>())
    };
    if let Some(rgb) = of_chroma(color.chroma) {
        return rgb;
    }
    let (mut least, mut most) = (0.0, color.chroma);
    for _ in 0..HALVINGS {
        let middle = f64::midpoint(least, most);
        if of_chroma(middle).is_some() { least = middle } else { most = middle }
    }
    Srgb::from_color(Oklch { chroma: least, ..color }).into_format()
}

/// What follows the style sheet; nothing where the vendor says nothing.
pub(crate) fn css(theme: &Theme) -> String {
    let [light, dark] = [&LIGHT, &DARK]
        .map(|scheme| theme.accent.map(|accent| Shades::new(accent, scheme).css()).unwrap_or_default());
    let font = theme.font.as_ref().map(|font| format!("--font:{font};")).unwrap_or_default();
    let mut css = String::new();
    if !(light.is_empty() && font.is_empty()) {
        css.push_str(&format!("\n:root{{{light}{font}}}\n"));
    }
    if !dark.is_empty() {
        css.push_str(&format!("@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n"));
    }
    css
}

/// The icon that browsers show beside the site's title: its first letter on the accent.
pub(crate) fn site_icon(title: &str, theme: &Theme) -> Vec<u8> {
    let Shades { fill, on_fill, .. } = Shades::new(theme.accent.unwrap_or(DEFAULT_ACCENT), &LIGHT);
    let (fill, on_fill) = (format!("#{fill:x}"), format!("#{on_fill:x}"));
    let attributes = [("xmlns", "http://www.w3.org/2000/svg"), ("viewBox", "0 0 64 64")];
    xml::document("svg", &attributes, |writer| {
        let square = [("width", "64"), ("height", "64"), ("rx", "14"), ("fill", &fill)];
        writer.create_element("rect").with_attributes(square).write_empty()?;
        let centered = [("x", "32"), ("y", "32"), ("dy", ".36em"), ("text-anchor", "middle")];
        let font = [("font-family", "system-ui,sans-serif"), ("font-size", "40"), ("font-weight", "700")];
        let letter = writer.create_element("text").with_attributes(centered).with_attributes(font);
        let letter = letter.with_attribute(("fill", on_fill.as_str()));
        letter.write_text_content(BytesText::new(&monogram::first_letter(title)))?;
        Ok(())
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn theme(accent: &str) -> Theme {
        Theme { accent: Some(accent.parse().unwrap()), ..Theme::default() }
    }

    proptest! {
        #[test]
        fn every_accent_can_be_read_on_every_ground(red: u8, green: u8, blue: u8) {
            for scheme in [LIGHT, DARK] {
                let Shades { fill, on_fill, text } = Shades::new(Srgb::new(red, green, blue), &scheme);
                prop_assert!(contrast_of(on_fill, fill) >= 4.5);
                for ground in scheme.grounds {
                    prop_assert!(contrast_of(text, ground) >= 4.5);
                    prop_assert!(contrast_of(fill, ground) >= 3.0);
                }
            }
        }

        #[test]
        fn a_moved_accent_keeps_its_hue(red: u8, green: u8, blue: u8) {
            let accent = Srgb::new(red, green, blue);
            let of = |color: Srgb<u8>| Oklch::from_color(color.into_format::<f64>());
            for scheme in [LIGHT, DARK] {
                let text = of(Shades::new(accent, &scheme).text);
                // In what is nearly gray, a hue is made of rounding.
                if text.chroma > 0.05 && of(accent).chroma > 0.05 {
                    let turned = (text.hue - of(accent).hue).into_degrees().abs();
                    prop_assert!(turned < 6.0, "{turned}");
                }
            }
        }
    }

    #[test]
    fn an_accent_that_can_be_read_stays_as_it_is() {
        let light = Shades::new(DEFAULT_ACCENT, &LIGHT);
        assert_eq!((light.fill, light.text, light.on_fill), (DEFAULT_ACCENT, DEFAULT_ACCENT, WHITE));
        let dark = Shades::new(Srgb::new(0xff, 0xd4, 0x00), &DARK);
        assert_eq!((dark.fill, dark.text, dark.on_fill), (Srgb::new(0xff, 0xd4, 0x00), dark.fill, BLACK));
    }

    #[test]
    fn an_accent_is_moved_no_further_than_it_must_be() {
        // Red and yellow are too light for a light ground, each by another measure.
        for accent in ["#ff0000", "#ffff00", "#00ff88", "#888888"] {
            let text = Shades::new(accent.parse().unwrap(), &LIGHT).text;
            let least = contrast_of(text, LIGHT.grounds[0]);
            assert!((4.5..4.6).contains(&least), "{accent}: {least}");
        }
    }

    #[test]
    fn black_and_white_are_shown_where_they_would_vanish() {
        let hex = |accent: &str, scheme| format!("{:x}", Shades::new(accent.parse().unwrap(), scheme).fill);
        assert_eq!(hex("#000000", &LIGHT), "000000");
        assert_ne!(hex("#000000", &DARK), "000000");
        assert_eq!(hex("#ffffff", &DARK), "ffffff");
        assert_ne!(hex("#ffffff", &LIGHT), "ffffff");
    }

    #[test]
    fn without_a_theme_the_style_sheet_has_the_last_word() {
        assert_eq!(css(&Theme::default()), "");
    }

    #[test]
    fn both_schemes_get_their_colors_and_the_font_holds_for_both() {
        let theme = Theme { font: Some("\"Georgia\",serif".to_owned()), ..theme("#0b57a4") };
        let css = css(&theme);
        let (light, dark) = css.split_once("@media screen and (prefers-color-scheme: dark){:root{").unwrap();
        assert_eq!(
            light,
            "\n:root{--accent:#0b57a4;--accent-text:#0b57a4;--on-accent:#ffffff;--font:\"Georgia\",serif;}\n"
        );
        assert!(
            dark.contains("--accent:#") && dark.contains("--accent-text:#") && dark.contains("--on-accent:#")
        );
        assert!(dark.ends_with(";}}\n") && !dark.contains("--font"), "{dark}");
    }

    #[test]
    fn a_font_alone_leaves_the_colors() {
        let theme = Theme { font: Some("serif".to_owned()), ..Theme::default() };
        assert_eq!(css(&theme), "\n:root{--font:serif;}\n");
    }

    #[test]
    fn the_style_sheet_draws_on_the_grounds_that_are_reckoned_with() {
        let style = include_str!("../../templates/pages/style.css").replace(char::is_whitespace, "");
        for Scheme { grounds: [ground, card], .. } in [LIGHT, DARK] {
            for declaration in [format!("--ground:#{ground:x};"), format!("--card:#{card:x};")] {
                assert!(style.contains(&declaration), "{declaration}");
            }
        }
        assert!(style.contains(&format!("--accent:#{DEFAULT_ACCENT:x};")));
    }

    #[test]
    fn the_icon_of_a_site_is_a_letter_on_the_accent() {
        let icon = String::from_utf8(site_icon("ädon's <Harbor>", &theme("#ff0"))).unwrap();
        assert!(icon.contains(">Ä</text>"), "{icon}");
        assert!(icon.contains("fill=\"#000000\"") && !icon.contains("ffff00"), "{icon}");
        let icon = String::from_utf8(site_icon("<>", &Theme::default())).unwrap();
        assert!(icon.contains(">•</text>") && icon.contains("fill=\"#0b57a4\""), "{icon}");
    }
}
