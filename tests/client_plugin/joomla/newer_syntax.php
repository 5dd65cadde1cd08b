<?php
/**
 * Names what in a file of PHP an older version (7.2, or 5.3) does not read. No such PHP is needed: the tokens tell.
 *
 *     php newer_syntax.php 7.2 file.php
 */

class NewerSyntax
{
    private const SINCE_7_3 = [
        'arrow function' => [T_FN], 'match' => [T_MATCH], 'enum' => [T_ENUM], 'readonly' => [T_READONLY],
        '??=' => [T_COALESCE_EQUAL], '?->' => [T_NULLSAFE_OBJECT_OPERATOR], 'attribute' => [T_ATTRIBUTE],
    ];

    private const SINCE_5_4 = [
        '??' => [T_COALESCE], '...' => [T_ELLIPSIS], 'finally' => [T_FINALLY], 'yield' => [T_YIELD, T_YIELD_FROM],
        '**' => [T_POW, T_POW_EQUAL], '<=>' => [T_SPACESHIP], 'trait' => [T_TRAIT],
    ];

    private const NAMES = [T_STRING, T_NAME_QUALIFIED, T_NAME_FULLY_QUALIFIED, T_ARRAY, T_CALLABLE, T_STATIC];

    private const MODIFIERS = [T_PRIVATE, T_PROTECTED, T_PUBLIC, T_STATIC, T_VAR];

    /** Types of parameters that 5.3 takes for names of classes, or does not read. */
    private const TYPES_SINCE_7_0 = ['int', 'string', 'bool', 'float', 'iterable', 'object', '?'];

    /** Without blanks and comments. */
    private array $tokens;

    public function __construct(private bool $isOldest, string $code)
    {
        $blanks = [T_WHITESPACE, T_COMMENT, T_DOC_COMMENT];
        $this->tokens = array_values(array_filter(PhpToken::tokenize($code), fn ($token) => !$token->is($blanks)));
    }

    /** One line for each find. */
    public function found()
    {
        $unknown = self::SINCE_7_3 + ($this->isOldest ? self::SINCE_5_4 : []);

        foreach ($this->tokens as $at => $token) {
            $words = array_keys(array_filter($unknown, fn ($kinds) => $token->is($kinds)));
            $finds = [...$words, $this->declaration($at), $this->argument($at), $this->expression($at)];

            if ($token->is(T_FUNCTION)) {
                $finds[] = $this->signature($at);
            }

            if ($this->isOldest) {
                $finds[] = $this->sinceOldest($at);
            }

            foreach (array_filter($finds) as $what) {
                yield $token->line . ': ' . $what . "\n";
            }
        }
    }

    private function declaration($at)
    {
        $isTyped = $this->text($at + 1) === '?' || $this->is($at + 1, self::NAMES);
        $variable = $this->text($at + 1) === '?' ? $at + 3 : $at + 2;

        return $this->is($at, self::MODIFIERS) && $isTyped && $this->is($variable, T_VARIABLE) ? 'type of a property' : null;
    }

    private function argument($at)
    {
        $isCall = !in_array($this->text($this->opening($at) - 1), ['array', 'list'], true);

        if ($this->text($at) === ',' && $this->text($at + 1) === ')' && $isCall) {
            return 'comma at the end of arguments';
        }

        $isFirst = in_array($this->text($at - 1), ['(', ','], true);

        return $isFirst && $this->is($at, self::NAMES) && $this->text($at + 1) === ':' ? 'named argument' : null;
    }

    private function expression($at)
    {
        $before = $this->text($at - 1);
        $isInList = in_array($before, ['[', ','], true) && $this->text($this->opening($at)) === '[';

        return match (true) {
            $this->is($at, T_LNUMBER) && str_contains($this->text($at), '_') => 'number with "_"',
            $this->is($at, T_ELLIPSIS) && ($isInList || $this->text($at + 1) === ')') => '"..." of an array or a function',
            $this->is($at, T_CATCH) && !$this->is($this->closing($at + 1) - 1, T_VARIABLE) => 'catch without a variable',
            $this->is($at, T_THROW) && !in_array($before, ['{', '}', ';', ')', ':'], true) => 'throw as an expression',
            default => null,
        };
    }

    private function signature($at)
    {
        for ($open = $at; $this->text($open) !== '('; $open++);
        $end = $this->closing($open);
        $isConstructor = $this->text($at + 1) === '__construct';

        for ($in = $open + 1; $in < $end; $in++) {
            $isPromoted = $isConstructor && $this->is($in, self::MODIFIERS);
            $isUnion = $this->text($in) === '|' && $this->is($in - 1, self::NAMES);
            $isNewer = $this->isOldest && in_array($this->text($in), self::TYPES_SINCE_7_0, true);

            if ($isPromoted || $isUnion || $isNewer) {
                return 'parameter';
            }
        }

        $isNewer = $this->isOldest || $this->text($end + 2) === 'static' || $this->text($end + 3) === '|';

        return $this->text($end + 1) === ':' && $isNewer ? 'type of what a function gives' : null;
    }

    private function sinceOldest($at)
    {
        $isElement = preg_match('/\A(\$.*|[\w\])}]+)\z/', $this->text($at - 1));

        return match (true) {
            $this->text($at) === '[' && !$isElement => 'array in brackets',
            $this->is($at, T_CLASS) && $this->text($at - 1) === '::' => '::class',
            default => null,
        };
    }

    private function text($at)
    {
        return $this->tokens[$at]->text ?? '';
    }

    private function is($at, $kinds)
    {
        return isset($this->tokens[$at]) && $this->tokens[$at]->is($kinds);
    }

    /** Where the bracket opened that a token is in. */
    private function opening($at)
    {
        for ($depth = 1; $depth > 0 && $at > 0;) {
            $depth -= $this->depth(--$at);
        }

        return $at;
    }

    /** Where the bracket closes that opens at a token. */
    private function closing($at)
    {
        for ($depth = $this->depth($at); $depth > 0;) {
            $depth += $this->depth(++$at);
        }

        return $at;
    }

    private function depth($at)
    {
        return ['(' => 1, '[' => 1, '{' => 1, ')' => -1, ']' => -1, '}' => -1][$this->text($at)] ?? 0;
    }
}

[, $version, $file] = $argv;

foreach ((new NewerSyntax($version === '5.3', file_get_contents($file)))->found() as $line) {
    echo $line;
}
