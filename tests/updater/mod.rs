//! The model of Joomla's updater: each rule that was seen on Joomla 3.10.12, 4.4.3, 5.3.4 and 6.0.0 as a case, what must hold
//! for any feed, and feeds of the kinds that vendors publish.

mod aborts;
mod changelogs;
mod clients;
mod collections;
mod downloads;
mod elements;
mod encodings;
mod feeds;
mod fetching;
mod field;
mod newest;
mod platforms;
mod properties;
mod requirements;
