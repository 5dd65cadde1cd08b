//! Two feeds held to every site that they can tell apart.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use bandari_catalog::version::{Stability, php_version_compare};

use super::answer::Answer;
use super::notice::{self, Notice};
use super::side::{Side, Told};
use super::{Change, Effect, Kept, Noticed, ProductDifference, Status};
use crate::coverage::{Axes, Cell, Habits, Sites};
use crate::joomla_range::Interval;
use crate::updater::{Demands, FeedKind, Installed, Profile, Unread};

/// Below stable, what is more stable first.
const PRE_RELEASES: [Stability; 4] = [Stability::Rc, Stability::Beta, Stability::Alpha, Stability::Dev];

/// An old and a new feed; one of them may not be there.
#[derive(Clone, Copy)]
pub(super) struct Pair<'s> {
    pub(super) old: Option<&'s Side>,
    pub(super) new: Option<&'s Side>,
    pub(super) kind: FeedKind,
}

/// What sites that take stable releases are offered by both feeds.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Said {
    installed: Installed,
    joomla: Interval,
    old: Option<String>,
    new: Option<String>,
}

/// What two feeds tell a site.
type Transition = (Told, Told);

/// What each site of the table is told, for one minimum stability.
type Table = BTreeMap<Cell, Transition>;

/// All tables of a pair, for sites with one extension.
struct Tables<'s> {
    pair: Pair<'s>,
    axes: Axes,
    /// What is installed, where it is to be told.
    told_installed: Option<Installed>,
    /// From stable to dev; those are left out that tell nothing new.
    levels: Vec<(Stability, Table)>,
}

impl Pair<'_> {
    fn demands(self) -> Demands {
        let mut demands = Demands::default();
        for side in [self.old, self.new].into_iter().flatten() {
            demands.extend(side.feed.demands());
        }
        demands
    }

    /// What differs, for sites with the extensions that the feeds are meant for.
    pub(super) fn compare(self, product: Option<String>) -> (ProductDifference, Vec<Said>) {
        let likely = |side: Option<&Side>| side.and_then(|side| side.installed.clone());
        let mut installed: Vec<Option<Installed>> =
            [likely(self.old), likely(self.new)].into_iter().filter(Option::is_some).collect();
        installed.dedup();
        if installed.is_empty() {
            installed.push(None);
        }
        let mut difference = self.difference(product);
        let mut said = Vec::new();
        let are_several = installed.len() > 1;
        for installed in installed {
            let tables = self.tables(installed.as_ref(), are_several);
            tables.report(&mut difference, &[]);
            said.extend(installed.map(|installed| tables.said(&installed)).unwrap_or_default());
        }
        difference.sort();
        (difference, said)
    }

    /// What differs for sites with one extension of a collection, unless its feed said so already.
    pub(super) fn compare_collected(
        self,
        product: String,
        installed: &Installed,
        said: &[Said],
    ) -> ProductDifference {
        let mut difference = self.difference(Some(product));
        let said: Vec<Said> = said.iter().filter(|said| said.installed == *installed).cloned().collect();
        self.tables(Some(installed), false).report(&mut difference, &said);
        difference.sort();
        difference
    }

    /// What the windows with changes tell, version by version.
    pub(super) fn compare_changelogs(self) -> ProductDifference {
        let mut difference = self.difference(None);
        let (Some(old), Some(new)) = (self.old, self.new) else { return difference };
        let versions = |side: &Side| side.feed.changes("").versions;
        let all: BTreeSet<String> = versions(old).into_iter().chain(versions(new)).collect();
        let notice = |version: &String| notice::of_changelogs(old, new, version);
        let notices = all.iter().filter_map(notice);
        difference.notices.extend(notices.map(|notice| Noticed { sites: Sites::all(), notice }));
        difference
    }

    /// What is so for all sites, without any answer.
    pub(super) fn difference(self, product: Option<String>) -> ProductDifference {
        let status = match (self.old, self.new) {
            (None, _) => Status::Came,
            (_, None) => Status::Went,
            _ => Status::Stayed,
        };
        let unread = |side: Option<&Side>| side.and_then(|side| side.feed.unread());
        let notice = match unread(self.new) {
            Some(Unread::Unfinished { line, .. }) if unread(self.old).is_none() => {
                Some(Noticed { sites: Sites::all(), notice: Notice::CutOff { line } })
            }
            _ => None,
        };
        let notices = notice.into_iter().collect();
        ProductDifference { product, status, changes: Vec::new(), notices, unchanged: Vec::new() }
    }
}

impl<'s> Pair<'s> {
    fn tables(self, installed: Option<&Installed>, is_told: bool) -> Tables<'s> {
        let mut demands = self.demands();
        if self.kind == FeedKind::Collection {
            // It asks for neither.
            demands.php.clear();
            demands.names_databases = false;
        }
        let mut tables = Tables {
            pair: self,
            axes: Axes::of_sites(&demands),
            told_installed: installed.filter(|_| is_told).cloned(),
            levels: Vec::new(),
        };
        let table = |tables: &Tables<'_>, minimum_stability| {
            let habits = Habits { minimum_stability, installed: installed.cloned(), key: None };
            tables.axes.cells(&habits, |site| tables.tell(site))
        };
        let stable = table(&tables, Stability::Stable);
        tables.levels.push((Stability::Stable, stable));
        let can_matter = |stability: &Stability| {
            let sides = [self.old, self.new];
            self.kind != FeedKind::Collection
                && sides.into_iter().flatten().any(|side| side.is_read_by_takers_of(*stability))
        };
        for stability in PRE_RELEASES.into_iter().filter(can_matter) {
            let table = table(&tables, stability);
            if tables.levels.last().is_none_or(|(_, above)| *above != table) {
                tables.levels.push((stability, table));
            }
        }
        tables
    }
}

impl Tables<'_> {
    fn tell(&self, site: &Profile) -> Transition {
        let tell =
            |side: Option<&Side>| side.map_or_else(Told::nothing, |side| side.tell(site, self.pair.kind));
        (tell(self.pair.old), tell(self.pair.new))
    }

    /// What sites with this extension are offered that take stable releases.
    fn said(&self, installed: &Installed) -> Vec<Said> {
        let version = |told: &Told| told.answer.version().map(str::to_owned);
        let one = |(&[joomla, ..], (old, new)): (&Cell, &Transition)| Said {
            installed: installed.clone(),
            joomla: self.axes.joomla[joomla].interval,
            old: version(old),
            new: version(new),
        };
        let mut said: Vec<Said> =
            self.levels.first().into_iter().flat_map(|(_, table)| table).map(one).collect();
        said.dedup();
        said
    }

    /// Adds what differs to what is known already, without what was said elsewhere.
    fn report(&self, difference: &mut ProductDifference, said: &[Said]) {
        let mut above: Option<&Table> = None;
        let mut known_notices: BTreeMap<&Transition, Vec<Notice>> = BTreeMap::new();
        for (stability, table) in &self.levels {
            let mut answers: BTreeMap<(&Answer, &Answer), BTreeSet<Cell>> = BTreeMap::new();
            let mut notices: BTreeMap<Notice, BTreeSet<Cell>> = BTreeMap::new();
            for (&cell, transition) in table {
                let same = above.map(|above| &above[&cell]);
                if same == Some(transition) || self.was_said(cell, transition, said) {
                    continue;
                }
                let (old, new) = (&transition.0.answer, &transition.1.answer);
                let answers_above = same.map(|(old, new)| (&old.answer, &new.answer));
                // Who takes pre-releases and is told nothing new: only where others are.
                let is_worth_telling = old != new || answers_above.is_none_or(|(old, new)| old != new);
                if answers_above != Some((old, new)) && is_worth_telling {
                    answers.entry((old, new)).or_default().insert(cell);
                }
                let known = known_notices.entry(transition).or_insert_with(|| self.notices(transition));
                for notice in known {
                    notices.entry(notice.clone()).or_default().insert(cell);
                }
            }
            for ((old, new), cells) in answers {
                self.add_answers(difference, *stability, (old, new), &cells);
            }
            for (notice, cells) in notices {
                self.add_notice(difference, (*stability, table), &notice, &cells);
            }
            above = Some(table);
        }
    }

    fn add_answers(
        &self,
        difference: &mut ProductDifference,
        stability: Stability,
        (old, new): (&Answer, &Answer),
        cells: &BTreeSet<Cell>,
    ) {
        for sites in self.sites(stability, cells) {
            match Effect::of(old, new) {
                None => difference.unchanged.push(Kept { sites, answer: new.clone() }),
                Some(effect) => {
                    difference.changes.push(Change { effect, sites, old: old.clone(), new: new.clone() });
                }
            }
        }
    }

    fn add_notice(
        &self,
        difference: &mut ProductDifference,
        (stability, table): (Stability, &Table),
        notice: &Notice,
        cells: &BTreeSet<Cell>,
    ) {
        // Who is offered a version needs not be told where all are meant that are.
        let is_of_all = notice.version().is_some_and(|version| {
            let offered = table.iter().filter(|(_, (_, new))| new.answer.version() == Some(version));
            offered.map(|(cell, _)| cell).eq(cells)
        });
        let sites = if is_of_all { vec![self.all_sites(stability)] } else { self.sites(stability, cells) };
        let noticed = |sites| Noticed { sites, notice: notice.clone() };
        difference.notices.extend(sites.into_iter().map(noticed));
    }

    fn all_sites(&self, minimum_stability: Stability) -> Sites {
        Sites { minimum_stability, installed: self.told_installed.clone(), ..Sites::all() }
    }

    fn sites(&self, stability: Stability, cells: &BTreeSet<Cell>) -> Vec<Sites> {
        let sites = |sites: Sites| Sites {
            minimum_stability: stability,
            installed: self.told_installed.clone(),
            ..sites
        };
        self.axes.sites(cells).into_iter().map(sites).collect()
    }

    fn notices(&self, (old_told, new_told): &Transition) -> Vec<Notice> {
        match (self.pair.old, self.pair.new) {
            (Some(old), Some(new)) => notice::notices((old, old_told), (new, new_told)),
            _ => Vec::new(),
        }
    }

    fn was_said(&self, [joomla, ..]: Cell, (old, new): &Transition, said: &[Said]) -> bool {
        let here = &self.axes.joomla[joomla].interval;
        said.iter().any(|said| {
            said.joomla.meets(here)
                && said.old.as_deref() == old.answer.version()
                && said.new.as_deref() == new.answer.version()
        })
    }
}

impl Effect {
    /// None: it is the same.
    fn of(old: &Answer, new: &Answer) -> Option<Self> {
        if old == new {
            return None;
        }
        Some(match (old.installed(), new.installed()) {
            (Some(_), None) => Self::Lost,
            (None, Some(_)) => Self::First,
            (None, None) => Self::StillNone,
            (Some(old), Some(new)) if php_version_compare(new, old).is_lt() => Self::Older,
            _ => Self::Newer,
        })
    }
}

impl ProductDifference {
    /// What matters most first, and of that what concerns most sites.
    fn sort(&mut self) {
        self.changes.sort_by_key(|change| (change.effect, Reverse(change.sites.minimum_stability)));
        self.unchanged.sort_by_key(|kept| Reverse(kept.sites.minimum_stability));
        self.notices.sort_by_key(|noticed| Reverse(noticed.sites.minimum_stability));
    }
}
