<?php
/**
 * @package    plg_installer_{{ element }}
 * @license    GNU General Public License version 2 or later; see LICENSE.txt
 */

defined('_JEXEC') or die;

/**
 * Runs when the plug-in is installed or updated. Every PHP since 5.3 and every Joomla must be able to read this file, since
 * it is what tells them that they are too old.
 */
class plgInstaller{{ class }}InstallerScript
{
    const MINIMUM_PHP = '7.2';

    const MINIMUM_JOOMLA = '3.10';

    /** False ends the installation. */
    public function preflight($type, $parent)
    {
        if ($type === 'uninstall') {
            return true;
        }

        if (version_compare(PHP_VERSION, self::MINIMUM_PHP, '<')) {
            return $this->refused('PHP', self::MINIMUM_PHP, PHP_VERSION);
        }

        if (version_compare(JVERSION, self::MINIMUM_JOOMLA, '<')) {
            return $this->refused('Joomla', self::MINIMUM_JOOMLA, JVERSION);
        }

        return true;
    }

    /** An update leaves a plug-in that was switched off as it is. */
    public function postflight($type, $parent)
    {
        if ($type === 'install' || $type === 'discover_install') {
            $this->enable();
        }

        $this->leave($parent);

        return true;
    }

    /**
     * Joomla 6.0 and 6.1 have one adapter for all plug-ins of a run, and it looks for this script in the next one, too: the update
     * of a plug-in that has no script would fail.
     */
    private function leave($adapter)
    {
        if (version_compare(JVERSION, '6', '>=') && version_compare(JVERSION, '6.2', '<')) {
            $adapter->getParent()->setAdapter('plugin', get_class($adapter));
        }
    }

    private function enable()
    {
        $factory = $this->factory();

        if (method_exists($factory, 'getContainer')) {
            $database = $factory::getContainer()->get('Joomla\\Database\\DatabaseInterface');
        } else {
            $database = $factory::getDbo();
        }

        $query = method_exists($database, 'createQuery') ? $database->createQuery() : $database->getQuery(true);
        $query->update($database->quoteName('#__extensions'))
            ->set($database->quoteName('enabled') . ' = 1')
            ->where($database->quoteName('type') . ' = ' . $database->quote('plugin'))
            ->where($database->quoteName('folder') . ' = ' . $database->quote('installer'))
            ->where($database->quoteName('element') . ' = ' . $database->quote('{{ element }}'));
        $database->setQuery($query)->execute();
    }

    private function refused($what, $minimum, $found)
    {
        $text = class_exists('Joomla\\CMS\\Language\\Text') ? 'Joomla\\CMS\\Language\\Text' : 'JText';
        $sentence = $text::sprintf('{{ language_prefix }}_TOO_OLD', $what, $minimum, $found);
        $factory = $this->factory();
        $factory::getApplication()->enqueueMessage($sentence, 'error');

        return false;
    }

    private function factory()
    {
        return class_exists('Joomla\\CMS\\Factory') ? 'Joomla\\CMS\\Factory' : 'JFactory';
    }
}
