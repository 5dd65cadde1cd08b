//! The client plug-in: how `bandari client-plugin` makes it, and what it does inside of a Joomla.
