<?php
/**
 * Plays one run of updates in the shape of one version of Joomla. A scenario (JSON) comes on standard input:
 *
 *     joomla          version, such as "5.3.4"
 *     language        tag of the administrator's language
 *     plugins         JPATH_PLUGINS: holds installer/<element>/
 *     element         of the plug-in
 *     settings        of the plug-in, by name
 *     update_sites    rows with location, extra_query, version; prefix and suffix where the extension has a field for the key,
 *                     is_orphan where there is no extension
 *     saved           settings that are saved before all else, by name
 *     installed       another extension was installed by this request
 *     downloads       updates with url, extra_query, mirrors
 *     command_line, broken_database, follows_no_redirects, no_downloads
 *                     what differs from a usual site
 *     script          a kind of installation: the plug-in's own script is run instead
 *
 * What came of it (JSON) goes to standard output.
 */

const _JEXEC = 1;

// The tests tell that they could not be run.
if (!extension_loaded('curl')) {
    exit(3);
}

$scenario = json_decode(stream_get_contents(STDIN), true, 512, JSON_THROW_ON_ERROR);
define('JVERSION', $scenario['joomla']);
define('JPATH_PLUGINS', $scenario['plugins']);
define('JPATH_ADMINISTRATOR', __DIR__ . '/administrator');

$troubles = [];
error_reporting(E_ALL);
set_error_handler(function ($level, $text, $file, $line) use (&$troubles) {
    // What a program silences with "@" is no trouble.
    if (error_reporting() & $level) {
        $troubles[] = "$text in " . basename($file) . ":$line";
    }

    return true;
});

foreach (['registry', 'language', 'application', 'database', 'http', 'events', 'plugins', 'fields', 'updates'] as $part) {
    require __DIR__ . "/$part.php";
}

use Bandari\Tests\{Database, NewerDatabase, Updates, Wire};
use Joomla\CMS\Application\{CMSApplication, ConsoleApplication};
use Joomla\CMS\{Factory, Plugin\PluginHelper};

$isOld = version_compare(JVERSION, '4', '<');
$application = ($scenario['command_line'] ?? false) ? ConsoleApplication::class : CMSApplication::class;
$database = version_compare(JVERSION, '6', '<') ? Database::class : NewerDatabase::class;
Factory::$application = new $application([]);
Factory::$language = new Joomla\CMS\Language\Language($scenario['language']);
Factory::$language->load('joomla', __DIR__);
Factory::$database = new $database(
    $scenario['update_sites'] ?? [],
    $scenario['broken_database'] ?? false,
    json_encode((object) ($scenario['settings'] ?? []))
);
Factory::$dispatcher = $isOld ? new JEventDispatcher() : new Joomla\Event\Dispatcher();
Factory::$container = new Joomla\DI\Container();
Factory::$container->set(Joomla\Database\DatabaseInterface::class, fn () => Factory::$database);
Factory::$container->set(Joomla\Event\DispatcherInterface::class, fn () => Factory::$dispatcher);
PluginHelper::$plugin = [
    'type' => 'installer',
    'name' => $scenario['element'],
    'params' => json_encode((object) ($scenario['settings'] ?? [])),
];
Wire::$followsRedirects = !($scenario['follows_no_redirects'] ?? false);

$updates = new Updates($scenario['no_downloads'] ?? false);
$allowed = null;
$begun = microtime(true);

if (isset($scenario['script'])) {
    $folder = JPATH_PLUGINS . '/installer/' . $scenario['element'];
    Factory::$language->load('plg_installer_' . $scenario['element'] . '.sys', $folder);
    require "$folder/script.php";
    $class = 'PlgInstaller' . $scenario['element'] . 'InstallerScript';
    $script = new $class();
    $installer = new Bandari\Tests\Installer();
    $allowed = $script->preflight($scenario['script'], $installer->adapter) !== false;
    $allowed && $script->postflight($scenario['script'], $installer->adapter);
} elseif (isset($scenario['saved'])) {
    $saved = Bandari\Tests\saved($scenario['saved']);
} elseif ($scenario['installed'] ?? false) {
    PluginHelper::importPlugin();
    $isOld || Factory::$dispatcher->dispatch('onExtensionAfterInstall', new Joomla\Event\Event('onExtensionAfterInstall'));
} else {
    $updates->run($scenario['downloads']);
}

echo json_encode([
    'downloads' => $updates->downloads,
    'messages' => Factory::$application->getMessageQueue(),
    'requests' => Wire::$requests,
    'queries' => Factory::$database->queries,
    'language_files' => array_map('basename', Factory::$language->files()),
    'saved' => $saved ?? null,
    'extra_queries' => array_map(fn ($site) => $site['extra_query'] ?? '', Factory::$database->sites),
    'troubles' => $troubles,
    'allowed' => $allowed,
    'renewed_adapters' => $installer->renewed ?? null,
    'seconds' => microtime(true) - $begun,
], JSON_THROW_ON_ERROR | JSON_UNESCAPED_SLASHES | JSON_UNESCAPED_UNICODE);
