//! Differences of two texts, line by line, as `diff -u` writes them.

use std::fmt::Write as _;
use std::ops::Range;

/// Equal lines shown around a change.
const CONTEXT: usize = 3;

/// Most pairs of lines that are compared to find what is common; beyond, all lines between the first and the last change are
/// shown as changed.
const MAX_PAIRS: usize = 4_000_000;

/// A line of the one text, of the other, or of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Line<'t> {
    Both(&'t str),
    Old(&'t str),
    New(&'t str),
}

/// The difference, empty when there is none. A line's end belongs to it, so that a missing last one shows.
#[must_use]
pub fn unified(name: &str, old: &str, new: &str) -> String {
    let lines = compared(&whole_lines(old), &whole_lines(new));
    let hunks = hunks(&lines);
    let mut diff = String::new();
    if !hunks.is_empty() {
        diff = format!("--- {name}\n+++ {name}\n");
    }
    for hunk in hunks {
        write_hunk(&mut diff, &lines, hunk);
    }
    diff
}

fn whole_lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

fn compared<'t>(old: &[&'t str], new: &[&'t str]) -> Vec<Line<'t>> {
    let before = old.iter().zip(new).take_while(|(a, b)| a == b).count();
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = old_rest.iter().rev().zip(new_rest.iter().rev()).take_while(|(a, b)| a == b).count();
    let mut lines: Vec<Line<'t>> = old[..before].iter().copied().map(Line::Both).collect();
    compare_middle(&old_rest[..old_rest.len() - after], &new_rest[..new_rest.len() - after], &mut lines);
    lines.extend(old_rest[old_rest.len() - after..].iter().copied().map(Line::Both));
    lines
}

/// By the longest common subsequence: `common[i][j]` is its length for `old[i..]` and `new[j..]`.
fn compare_middle<'t>(old: &[&'t str], new: &[&'t str], lines: &mut Vec<Line<'t>>) {
    let mut common = vec![vec![0_usize; new.len() + 1]; old.len() + 1];
    if old.len() * new.len() <= MAX_PAIRS {
        for i in (0..old.len()).rev() {
            for j in (0..new.len()).rev() {
                common[i][j] = if old[i] == new[j] {
                    common[i + 1][j + 1] + 1
                } else {
                    common[i + 1][j].max(common[i][j + 1])
                };
            }
        }
    }
    let (mut i, mut j) = (0, 0);
    while common[i][j] > 0 {
        if old[i] == new[j] {
            lines.push(Line::Both(old[i]));
            i += 1;
            j += 1;
        } else if common[i + 1][j] >= common[i][j + 1] {
            lines.push(Line::Old(old[i]));
            i += 1;
        } else {
            lines.push(Line::New(new[j]));
            j += 1;
        }
    }
    lines.extend(old[i..].iter().copied().map(Line::Old));
    lines.extend(new[j..].iter().copied().map(Line::New));
}

/// The parts to show: changes with their context, joined where they touch.
fn hunks(lines: &[Line<'_>]) -> Vec<Range<usize>> {
    let mut hunks: Vec<Range<usize>> = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        if matches!(line, Line::Both(_)) {
            continue;
        }
        let (start, end) = (at.saturating_sub(CONTEXT), (at + CONTEXT + 1).min(lines.len()));
        match hunks.last_mut() {
            Some(last) if start <= last.end => last.end = end,
            _ => hunks.push(start..end),
        }
    }
    hunks
}

fn write_hunk(diff: &mut String, lines: &[Line<'_>], hunk: Range<usize>) {
    let in_old = |line: &&Line<'_>| !matches!(line, Line::New(_));
    let in_new = |line: &&Line<'_>| !matches!(line, Line::Old(_));
    let shown = &lines[hunk.clone()];
    let old = place(lines[..hunk.start].iter().filter(in_old).count(), shown.iter().filter(in_old).count());
    let new = place(lines[..hunk.start].iter().filter(in_new).count(), shown.iter().filter(in_new).count());
    writeln!(diff, "@@ -{old} +{new} @@").expect("writing to memory does not fail");
    for line in shown {
        let (sign, text) = match line {
            Line::Both(text) => (' ', text),
            Line::Old(text) => ('-', text),
            Line::New(text) => ('+', text),
        };
        diff.push(sign);
        diff.push_str(text);
        if !text.ends_with('\n') {
            diff.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// A range of lines as `diff -u` writes it: the first counts from 1, and from the line before when there is none.
fn place(before: usize, count: usize) -> String {
    match count {
        0 => format!("{before},0"),
        1 => format!("{}", before + 1),
        _ => format!("{},{count}", before + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(lines: impl IntoIterator<Item = u32>) -> String {
        lines.into_iter().map(|line| format!("{line}\n")).collect()
    }

    #[test]
    fn equal_texts_have_no_difference() {
        assert_eq!(unified("x", "a\nb\n", "a\nb\n"), "");
        assert_eq!(unified("x", "", ""), "");
    }

    #[test]
    fn a_changed_line_has_three_lines_around_it() {
        let new = numbered(1..=9).replace('5', "five");
        let expected = "--- x\n+++ x\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n";
        assert_eq!(unified("x", &numbered(1..=9), &new), expected);
    }

    #[test]
    fn changes_far_apart_are_hunks_of_their_own() {
        let new = numbered((2..=20).chain([21]));
        let expected =
            "--- x\n+++ x\n@@ -1,4 +1,3 @@\n-1\n 2\n 3\n 4\n@@ -18,3 +17,4 @@\n 18\n 19\n 20\n+21\n";
        assert_eq!(unified("x", &numbered(1..=20), &new), expected);
    }

    #[test]
    fn changes_close_together_are_one_hunk() {
        let new = numbered([1, 3, 4, 5, 7]);
        let expected = "--- x\n+++ x\n@@ -1,7 +1,5 @@\n 1\n-2\n 3\n 4\n 5\n-6\n 7\n";
        assert_eq!(unified("x", &numbered(1..=7), &new), expected);
    }

    #[test]
    fn a_file_that_is_new_or_gone_has_all_its_lines() {
        assert_eq!(unified("x", "", "1\n2\n"), "--- x\n+++ x\n@@ -0,0 +1,2 @@\n+1\n+2\n");
        assert_eq!(unified("x", "1\n", ""), "--- x\n+++ x\n@@ -1 +0,0 @@\n-1\n");
    }

    #[test]
    fn a_missing_end_of_the_last_line_shows() {
        let expected = "--- x\n+++ x\n@@ -1 +1 @@\n-1\n+1\n\\ No newline at end of file\n";
        assert_eq!(unified("x", "1\n", "1"), expected);
    }
}
