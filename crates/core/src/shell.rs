//! Shell scripts as lists of words: what a build runs, whatever stands around it.

use brush_parser::ast::{
    AndOr, Command, CommandPrefixOrSuffixItem as Item, CompoundCommand, CompoundList, DoGroupCommand, Pipeline,
    SimpleCommand, Word,
};
use brush_parser::word::{WordPiece, WordPieceWithSource};
use brush_parser::{ParserOptions, SourceInfo, uncached_tokenize_str};

/// Bytes of one script.
pub const LONGEST: usize = 256 << 10;

/// Brackets and words that open something, in one script: the parser goes down one step for each.
const MOST_OPENINGS: usize = 2000;

/// Brackets right behind brackets: the parser tries each as arithmetic and as a group, so they multiply.
const MOST_DOUBLED: usize = 8;

/// How deep substitutions may stand in each other.
const DEEPEST: usize = 20;

/// The parser's own depth is bounded by what it is given; this is room for it.
const STACK: usize = 64 << 20;

/// Every simple command in the order of appearance, also inside of `&&`, pipes, groups, conditions and substitutions.
/// Words are as written, quotes kept; assignments and redirections are left out. `None` for what is no shell script,
/// and for what is longer or deeper than scripts are.
pub fn commands(text: &str) -> Option<Vec<Vec<String>>> {
    let openings = text.bytes().filter(|byte| b"({`".contains(byte)).count()
        + text.split_whitespace().filter(|word| ["if", "for", "while", "until", "case"].contains(word)).count();
    if text.len() > LONGEST || openings > MOST_OPENINGS || doubled(text) > MOST_DOUBLED {
        return None;
    }
    if openings < 20 {
        return collect(text);
    }
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(STACK)
            .spawn_scoped(scope, || collect(text))
            .ok()
            .and_then(|thread| thread.join().ok().flatten())
    })
}

/// How many brackets open right behind another that is no substitution's.
fn doubled(text: &str) -> usize {
    let (mut count, mut open, mut before) = (0, false, b' ');
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace()) {
        if byte == b'(' {
            count += usize::from(open);
            open = before != b'$';
        } else {
            open = false;
        }
        before = byte;
    }
    count
}

fn collect(text: &str) -> Option<Vec<Vec<String>>> {
    let mut script = Script { found: Vec::new(), options: ParserOptions::default() };
    script.text(text, 0)?;
    Some(script.found)
}

struct Script {
    found: Vec<Vec<String>>,
    options: ParserOptions,
}

impl Script {
    fn text(&mut self, text: &str, depth: usize) -> Option<()> {
        if depth > DEEPEST {
            return None;
        }
        let tokens = uncached_tokenize_str(text, &self.options.tokenizer_options()).ok()?;
        let program = brush_parser::parse_tokens(&tokens, &self.options, &SourceInfo::default()).ok()?;
        program.complete_commands.iter().try_for_each(|list| self.list(list, depth))
    }

    fn list(&mut self, list: &CompoundList, depth: usize) -> Option<()> {
        for item in &list.0 {
            self.pipeline(&item.0.first, depth)?;
            for next in &item.0.additional {
                let (AndOr::And(pipeline) | AndOr::Or(pipeline)) = next;
                self.pipeline(pipeline, depth)?;
            }
        }
        Some(())
    }

    fn pipeline(&mut self, pipeline: &Pipeline, depth: usize) -> Option<()> {
        pipeline.seq.iter().try_for_each(|command| match command {
            Command::Simple(simple) => self.simple(simple, depth),
            Command::Compound(compound, _) => self.compound(compound, depth),
            Command::Function(function) => self.compound(&function.body.0, depth),
            Command::ExtendedTest(_) => Some(()),
        })
    }

    fn compound(&mut self, command: &CompoundCommand, depth: usize) -> Option<()> {
        match command {
            CompoundCommand::Arithmetic(_) => Some(()),
            CompoundCommand::ArithmeticForClause(each) => self.group(&each.body, depth),
            CompoundCommand::BraceGroup(group) => self.list(&group.0, depth),
            CompoundCommand::Subshell(shell) => self.list(&shell.0, depth),
            CompoundCommand::ForClause(each) => {
                each.values.iter().flatten().try_for_each(|word| self.word(word, depth))?;
                self.group(&each.body, depth)
            }
            CompoundCommand::CaseClause(case) => {
                self.word(&case.value, depth)?;
                case.cases.iter().filter_map(|item| item.cmd.as_ref()).try_for_each(|list| self.list(list, depth))
            }
            CompoundCommand::IfClause(choice) => {
                self.list(&choice.condition, depth)?;
                self.list(&choice.then, depth)?;
                for other in choice.elses.iter().flatten() {
                    if let Some(condition) = &other.condition {
                        self.list(condition, depth)?;
                    }
                    self.list(&other.body, depth)?;
                }
                Some(())
            }
            CompoundCommand::WhileClause(cycle) | CompoundCommand::UntilClause(cycle) => {
                self.list(&cycle.0, depth)?;
                self.group(&cycle.1, depth)
            }
        }
    }

    fn group(&mut self, group: &DoGroupCommand, depth: usize) -> Option<()> {
        self.list(&group.0, depth)
    }

    fn simple(&mut self, command: &SimpleCommand, depth: usize) -> Option<()> {
        let place = self.found.len();
        let mut words = Vec::new();
        let items = |part: Option<&'_ Vec<Item>>| part.cloned().unwrap_or_default();
        let before = items(command.prefix.as_ref().map(|prefix| &prefix.0));
        let after = items(command.suffix.as_ref().map(|suffix| &suffix.0));
        for item in &before {
            self.item(item, None, depth)?;
        }
        if let Some(name) = &command.word_or_name {
            self.word(name, depth)?;
            words.push(name.value.clone());
        }
        for item in &after {
            self.item(item, Some(&mut words), depth)?;
        }
        if !words.is_empty() {
            // what stands inside of its words appears behind the command
            self.found.insert(place, words);
        }
        Some(())
    }

    fn item(&mut self, item: &Item, words: Option<&mut Vec<String>>, depth: usize) -> Option<()> {
        match item {
            Item::Word(word) | Item::AssignmentWord(_, word) => {
                self.word(word, depth)?;
                if let Some(words) = words {
                    words.push(word.value.clone());
                }
                Some(())
            }
            Item::ProcessSubstitution(_, shell) => self.list(&shell.0, depth),
            Item::IoRedirect(_) => Some(()),
        }
    }

    /// The commands of the substitutions inside of a word.
    fn word(&mut self, word: &Word, depth: usize) -> Option<()> {
        if !word.value.contains(['$', '`']) {
            return Some(());
        }
        let pieces = brush_parser::word::parse(&word.value, &self.options).ok()?;
        self.pieces(&pieces, depth)
    }

    fn pieces(&mut self, pieces: &[WordPieceWithSource], depth: usize) -> Option<()> {
        pieces.iter().try_for_each(|piece| match &piece.piece {
            WordPiece::CommandSubstitution(text) | WordPiece::BackquotedCommandSubstitution(text) => {
                self.text(text, depth + 1)
            }
            WordPiece::DoubleQuotedSequence(inner) | WordPiece::GettextDoubleQuotedSequence(inner) => {
                self.pieces(inner, depth)
            }
            _ => Some(()),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<String> {
        commands(text).unwrap_or_else(|| panic!("{text} was not read")).iter().map(|words| words.join(" ")).collect()
    }

    #[test]
    fn lists_pipes_and_groups() {
        assert_eq!(
            words("apt-get update && apt-get install -y \"curl\""),
            ["apt-get update", "apt-get install -y \"curl\""]
        );
        assert_eq!(words("a | b || (c; d) & { e; }"), ["a", "b", "c", "d", "e"]);
        assert_eq!(words("if a; then b; elif c; then d; else e; fi"), ["a", "b", "c", "d", "e"]);
        assert_eq!(
            words("for x in 1 2; do a $x; done; while b; do c; done; case $x in 1) d;; esac"),
            ["a $x", "b", "c", "d"]
        );
        assert_eq!(words("f() { a; }; f"), ["a", "f"]);
    }

    #[test]
    fn assignments_and_redirections_go() {
        assert_eq!(words("X=1 Y=$(a) cmd -o Z=2 > /dev/null 2>&1 < in"), ["cmd -o Z=2", "a"]);
        assert_eq!(words("X=1"), Vec::<String>::new());
        assert_eq!(words("set -eux; # said\n a"), ["set -eux", "a"]);
    }

    #[test]
    fn substitutions_come_behind() {
        assert_eq!(
            words("echo $(date) `id -u` \"$(hostname)\" '$(no)'"),
            ["echo $(date) `id -u` \"$(hostname)\" '$(no)'", "date", "id -u", "hostname"]
        );
    }

    #[test]
    fn what_is_none() {
        assert_eq!(commands("a && ("), None);
        assert_eq!(commands("echo 'x"), None);
        assert_eq!(commands(&"(".repeat(100_000)), None);
        let nested = |before: &str, after: &str, times| format!("{}a{}", before.repeat(times), after.repeat(times));
        assert_eq!(words(&nested("{ ", "; }", 1000)), ["a"]);
        assert_eq!(words(&nested("if b; then ", "; fi", 200)).len(), 201);
        assert_eq!(words(&nested("while b; do ", "; done", 200)).len(), 201);
        assert_eq!(commands(&"((".repeat(9)), None);
        assert_eq!(words("echo $((1 + (2))) $((3)); (a; (b; (c)))"), ["echo $((1 + (2))) $((3))", "a", "b", "c"]);
        assert_eq!(commands(&"$(".repeat(900)), None);
        assert_eq!(commands(&"x".repeat(LONGEST + 1)), None);
    }
}
