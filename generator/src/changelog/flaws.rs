//! What is wrong with a changelog, and how much of it is told.

use crate::error::{Flaw, Problem};
use crate::rules::Code;

/// Most flaws of a file that are told one by one. Who corrects so many finds the others, and a file of a megabyte can have
/// 110,000, all of which would go into the report and into the cache.
const MAX_TOLD: usize = 20;

/// What is wrong in a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LineFlaw {
    /// The first being 1.
    pub(crate) line: usize,
    pub(crate) flaw: Flaw,
}

impl LineFlaw {
    /// The flaw as a finding about a file.
    pub(crate) fn in_file(&self, file: &str) -> Problem {
        let Flaw { code, found, expected } = &self.flaw;
        Problem::new(*code, file, format!("{found} in line {}", self.line), expected)
    }
}

/// The first flaws in the order of lines, then one for each code that has more, which counts them.
pub(super) fn told(mut flaws: Vec<LineFlaw>) -> Vec<LineFlaw> {
    flaws.sort_by_key(|flaw| flaw.line);
    let rest = flaws.split_off(flaws.len().min(MAX_TOLD));
    let mut counted: Vec<(Code, LineFlaw, usize)> = Vec::new();
    for flaw in rest {
        match counted.iter_mut().find(|(code, ..)| *code == flaw.flaw.code) {
            Some((.., more)) => *more += 1,
            None => counted.push((flaw.flaw.code, flaw, 0)),
        }
    }
    flaws.extend(counted.into_iter().map(|(_, mut first, more)| {
        if more > 0 {
            first.flaw.found = format!("{} findings more of this kind, the first", more + 1);
        }
        first
    }));
    flaws
}

#[cfg(test)]
mod tests {
    use super::*;

    fn flaw(line: usize, code: Code) -> LineFlaw {
        LineFlaw { line, flaw: Flaw::new(code, format!("flaw {line}"), "none") }
    }

    #[test]
    fn the_first_twenty_flaws_are_told_one_by_one_and_then_each_kind_is_counted() {
        let mut flaws: Vec<LineFlaw> = (1..=24).map(|line| flaw(line, Code::ChangelogVersionTwice)).collect();
        flaws.insert(0, flaw(23, Code::ChangelogDate));
        let told: Vec<String> = told(flaws).iter().map(|flaw| flaw.in_file("C.md").to_string()).collect();
        assert_eq!(told[0], "`C.md`: found flaw 1 in line 1, expected none");
        assert_eq!(told[19], "`C.md`: found flaw 20 in line 20, expected none");
        assert_eq!(
            told[20..],
            [
                "`C.md`: found 4 findings more of this kind, the first in line 21, expected none",
                "`C.md`: found flaw 23 in line 23, expected none",
            ]
        );
    }
}
