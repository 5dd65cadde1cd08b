<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

namespace {{ namespace }};

defined('_JEXEC') or die;

/**
 * All that differs from one vendor to the next. No other file holds a value that was generated.
 */
final class Vendor
{
    const NAME = {{ vendor | php }};

    /** Name of this plug-in in Joomla. */
    const ELEMENT = {{ element | php }};

    const LANGUAGE_PREFIX = {{ language_prefix | php }};

    /** Where licenses are checked and licensed packages are asked for; no slash at the end. */
    const DOWNLOAD_URL = {{ download_url | php }};

    /** Where the feeds are; no slash at the end. */
    const PUBLIC_URL = {{ public_url | php }};

    /** May be empty. */
    const SUPPORT_URL = {{ support_url | php }};

    /** License groups, and under which name the settings hold the key of each. */
    const GROUPS = array(
{%- for group in groups %}
        {{ group.id | php }} => {{ group.field | php }},
{%- endfor %}
    );

    /** Feeds of the extensions that each license group opens. */
    const FEEDS = array(
{%- for group in groups %}
        {{ group.id | php }} => array(
    {%- for feed in group.feeds %}
            {{ feed | php }},
    {%- endfor %}
        ),
{%- endfor %}
    );

    /** What is sent with a check beyond address and key: `joomla`, `php`, `extension` (versions). */
    const SENDS = array({% for what in sends %}{% if not loop.first %}, {% endif %}{{ what | php }}{% endfor %});
}
