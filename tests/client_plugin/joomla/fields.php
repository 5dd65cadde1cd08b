<?php
/** Settings that are saved, and `com_installer`'s model of an update site, which has the field for its key. */

namespace Joomla\CMS\Form\Field {
    use Joomla\Registry\Registry;

    class TextField
    {
        protected $type = 'Text';

        public $fieldname;

        /** True, or what is wrong. */
        public function validate($value, $group = null, ?Registry $input = null)
        {
            return $value === 'not to be saved' ? new \UnexpectedValueException('Invalid field: ' . $this->fieldname) : true;
        }

        public function postProcess($value, $group = null, ?Registry $input = null)
        {
            return $value;
        }
    }
}

namespace Bandari\Tests {
    use Joomla\CMS\Factory;
    use Joomla\CMS\Form\Field\TextField;
    use Joomla\CMS\Plugin\PluginHelper;

    /**
     * What `PluginModel::validate` makes of settings: each field of the manifest's form has a look at its own, and since 4.2 another
     * one when all of them are valid. Nothing when one is not.
     */
    function saved(array $settings)
    {
        $name = PluginHelper::$plugin['name'];
        $folder = JPATH_PLUGINS . "/installer/$name";
        $form = simplexml_load_file("$folder/$name.xml")->config->fields;
        $isOld = version_compare(JVERSION, '4', '<');
        $isOld || PluginHelper::registerNamespace($folder, $name);
        $made = [];

        foreach (array_keys($settings) as $setting) {
            [$field] = $form->xpath("fieldset/field[@name='$setting']");
            $class = $form['addfieldprefix'] . '\\' . ucfirst((string) $field['type']) . 'Field';
            // 3.10 finds no such class, and has text in its place.
            $made[$setting] = $isOld ? new TextField() : new $class();
            $made[$setting]->fieldname = $setting;
        }

        foreach ($settings as $setting => $value) {
            if ($made[$setting]->validate($value, 'params') instanceof \Exception) {
                return null;
            }
        }

        foreach (version_compare(JVERSION, '4.2', '<') ? [] : $settings as $setting => $value) {
            $settings[$setting] = $made[$setting]->postProcess($value, 'params');
        }

        return $settings;
    }

    class ComInstaller
    {
        public function getMVCFactory()
        {
            return $this;
        }

        public function createModel($name, $client, array $settings)
        {
            $isKnown = [$name, $client, $settings] === ['Updatesite', 'Administrator', ['ignore_request' => true]];

            return $isKnown ? new UpdatesiteModel() : throw new \LogicException("no model $name");
        }
    }

    /** The key by itself, and how it is kept, as the extension's `<dlid>` says. */
    class UpdatesiteModel
    {
        public function getItem($id)
        {
            $site = Factory::$database->sites[$id - 1];
            $prefix = $site['prefix'] ?? '';
            $suffix = $site['suffix'] ?? '';
            $value = $prefix === '' ? '' : substr($site['extra_query'] ?? '', strlen($prefix));
            $value = $suffix === '' ? $value : substr($value, 0, -strlen($suffix));

            return (object) ['extra_query' => $value, 'downloadIdPrefix' => $prefix, 'downloadIdSuffix' => $suffix];
        }

        public function save($data)
        {
            $extraQuery = $data['downloadIdPrefix'] . $data['extra_query'] . $data['downloadIdSuffix'];
            Factory::$database->sites[$data['update_site_id'] - 1]['extra_query'] = $extraQuery;

            return true;
        }
    }
}
