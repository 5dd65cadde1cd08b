<?php
/**
 * Names what in a file of PHP an older version (7.2, or 5.3) does not read. No such PHP is needed: the tokens tell.
 *
 *     php newer_syntax.php 7.2 file.php
 */

[, $version, $file] = $argv;
$tokens = array_values(array_filter(
    PhpToken::tokenize(file_get_contents($file)),
    fn ($token) => !$token->is([T_WHITESPACE, T_COMMENT, T_DOC_COMMENT])
));
$text = fn ($at) => $tokens[$at]->text ?? '';
$isName = fn ($at) => isset($tokens[$at]) && $tokens[$at]->is([T_STRING, T_NAME_QUALIFIED, T_NAME_FULLY_QUALIFIED, T_ARRAY, T_CALLABLE, T_STATIC]);
$found = function ($at, $what) use ($tokens) {
    echo $tokens[$at]->line, ': ', $what, "\n";
};

$unknown = [
    'arrow function' => [T_FN], 'match' => [T_MATCH], 'enum' => [T_ENUM], 'readonly' => [T_READONLY],
    '??=' => [T_COALESCE_EQUAL], '?->' => [T_NULLSAFE_OBJECT_OPERATOR], 'attribute' => [T_ATTRIBUTE],
];

if ($version === '5.3') {
    $unknown += [
        '??' => [T_COALESCE], '...' => [T_ELLIPSIS], 'finally' => [T_FINALLY], 'yield' => [T_YIELD, T_YIELD_FROM],
        '**' => [T_POW, T_POW_EQUAL], '<=>' => [T_SPACESHIP], 'trait' => [T_TRAIT],
    ];
}

$modifiers = [T_PRIVATE, T_PROTECTED, T_PUBLIC, T_STATIC, T_VAR];

/** Where the bracket closes that opens at a token. */
$closing = function ($at) use ($tokens, $text) {
    for ($depth = 0; ; $at++) {
        $depth += in_array($text($at), ['(', '[', '{'], true) ? 1 : 0;
        $depth -= in_array($text($at), [')', ']', '}'], true) ? 1 : 0;

        if ($depth === 0) {
            return $at;
        }
    }
};

foreach ($tokens as $at => $token) {
    foreach ($unknown as $what => $kinds) {
        if ($token->is($kinds)) {
            $found($at, $what);
        }
    }

    if ($token->is($modifiers) && ($text($at + 1) === '?' || $isName($at + 1))) {
        $type = $text($at + 1) === '?' ? $at + 2 : $at + 1;

        if ($tokens[$type + 1]->is(T_VARIABLE)) {
            $found($at, 'type of a property');
        }
    }

    if ($token->text === ',' && $text($at + 1) === ')' && !in_array($text(opening($tokens, $at) - 1), ['array', 'list'], true)) {
        $found($at, 'comma at the end of a list of arguments');
    }

    if ($isName($at) && in_array($text($at - 1), ['(', ','], true) && $text($at + 1) === ':' && $text($at + 2) !== ':') {
        $found($at, 'named argument');
    }

    if ($token->is(T_FUNCTION)) {
        $end = $closing($at + 1 + array_search('(', array_column(array_slice($tokens, $at + 1), 'text'), true));
        $isConstructor = $text($at + 1) === '__construct';

        for ($in = $at + 2; $in < $end; $in++) {
            $isPromoted = $isConstructor && $tokens[$in]->is([T_PRIVATE, T_PROTECTED, T_PUBLIC]);
            $isUnion = $text($in) === '|' && $isName($in - 1);
            $isScalar = $version === '5.3' && in_array($text($in), ['int', 'string', 'bool', 'float', 'iterable', 'object', '?'], true);

            if ($isPromoted || $isUnion || $isScalar) {
                $found($in, 'parameter');
            }
        }

        if ($text($end + 1) === ':' && ($version === '5.3' || $text($end + 2) === 'static' || $text($end + 3) === '|')) {
            $found($end, 'type of what a function gives');
        }
    }

    if ($token->is(T_LNUMBER) && str_contains($token->text, '_')) {
        $found($at, 'number with "_"');
    }

    if ($token->is(T_ELLIPSIS) && (in_array($text($at - 1), ['[', ','], true) && opener($tokens, $at) === '[' || $text($at + 1) === ')')) {
        $found($at, '"..." of an array or a function');
    }

    if ($token->is(T_CATCH) && $text($closing($at + 1) - 1)[0] !== '$') {
        $found($at, 'catch without a variable');
    }

    if ($token->is(T_THROW) && !in_array($text($at - 1), ['{', '}', ';', ')', ':'], true)) {
        $found($at, 'throw as an expression');
    }

    if ($version === '5.3' && $token->text === '[' && !preg_match('/\A(\$.*|[\w\])}]+)\z/', $text($at - 1))) {
        $found($at, 'array in brackets');
    }

    if ($version === '5.3' && $token->is(T_CLASS) && $text($at - 1) === '::') {
        $found($at, '::class');
    }
}

/** Where the bracket opened that a token is in. */
function opening(array $tokens, int $at): int
{
    for ($depth = 1, $at--; $at > 0; $at--) {
        $depth += in_array($tokens[$at]->text, [')', ']', '}'], true) ? 1 : 0;
        $depth -= in_array($tokens[$at]->text, ['(', '[', '{'], true) ? 1 : 0;

        if ($depth === 0) {
            return $at;
        }
    }

    return 0;
}

function opener(array $tokens, int $at): string
{
    return $tokens[opening($tokens, $at)]->text;
}
