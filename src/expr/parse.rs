//! Parses an expression into a tree without types. Precedence, loosest first: `or`, `and`, `not`,
//! comparison and `in`, `+ -`, `* /`, unary minus.

use super::lex::{Lexeme, Token, lex};
use super::{ExprError, Function, Operator};
use crate::date::Date;
use crate::diagnostic::{Code, nearest};
use crate::units::Unit;
use rust_decimal::Decimal;
use std::ops::Range;

/// How deep brackets and operators may nest.
pub const MAX_DEPTH: usize = 64;

/// A tree without types.
#[derive(Debug, Clone, PartialEq)]
pub struct Ast {
    /// What it is.
    pub node: AstNode,
    /// Its bytes in the text.
    pub range: Range<usize>,
}

/// What a tree is made of.
#[derive(Debug, Clone, PartialEq)]
#[expect(missing_docs, reason = "the names are those of the grammar")]
pub enum AstNode {
    Number(Decimal),
    Percent(Decimal),
    /// Hundredths of a US dollar where `cents`; else units of the currency.
    Money {
        amount: Decimal,
        currency: String,
        cents: bool,
    },
    Quantity(Decimal, Unit),
    Text(String),
    Date(Date),
    Truth(bool),
    Name(String),
    /// A unit that stands alone, after `/`.
    Unit(Unit),
    Negate(Box<Ast>),
    Not(Box<Ast>),
    Binary(Operator, Box<Ast>, Box<Ast>),
    In(Box<Ast>, Box<Ast>),
    Call(Function, Vec<Ast>),
}

/// The tree of a text.
pub fn parse(text: &str) -> Result<Ast, ExprError> {
    let lexemes = lex(text)?;
    let mut parser = Parser { lexemes, at: 0, depth: 0 };
    if parser.peek() == &Token::End {
        return Err(parser.error("there is no expression here", None));
    }
    let ast = parser.either()?;
    if parser.peek() != &Token::End {
        return Err(parser.unexpected());
    }
    Ok(ast)
}

struct Parser {
    lexemes: Vec<Lexeme>,
    at: usize,
    depth: usize,
}

type Parsed = Result<Ast, ExprError>;

impl Parser {
    fn peek(&self) -> &Token {
        self.lexemes.get(self.at).map_or(&Token::End, |l| &l.0)
    }

    fn peek_after(&self) -> &Token {
        self.lexemes.get(self.at + 1).map_or(&Token::End, |l| &l.0)
    }

    fn range(&self) -> Range<usize> {
        self.lexemes.get(self.at).map_or(0..0, |l| l.1.clone())
    }

    fn advance(&mut self) -> Range<usize> {
        let range = self.range();
        self.at += 1;
        range
    }

    fn eat(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Token::Symbol(s) if *s == symbol);
        if found {
            self.at += 1;
        }
        found
    }

    fn eat_word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Token::Name(n) if n == word);
        if found {
            self.at += 1;
        }
        found
    }

    fn error(&self, message: impl Into<String>, help: Option<&str>) -> ExprError {
        ExprError {
            code: Code::ExpressionSyntax,
            message: message.into(),
            range: self.range(),
            help: help.map(str::to_owned),
        }
    }

    fn unexpected(&self) -> ExprError {
        let (what, help) = match self.peek() {
            Token::End => ("the expression stops too early".to_owned(), None),
            Token::Symbol("=") => ("`=` is not expected here".to_owned(), Some("equality is a single `=`")),
            Token::Symbol(",") => (
                "`,` is not expected here".to_owned(),
                Some("numbers have a decimal point, and `_` between thousands: 1.5, 1_250_000"),
            ),
            Token::Symbol(s) => (format!("`{s}` is not expected here"), None),
            Token::Dollar => {
                ("`$` is not expected here".to_owned(), Some("it stands before the number: $1.50"))
            }
            Token::Cent => ("`¢` is not expected here".to_owned(), Some("it stands after a number: 50¢")),
            Token::Percent => {
                ("`%` is not expected here".to_owned(), Some("a percentage is a number and `%`: 25%"))
            }
            Token::Number(_) => (
                "a number is not expected here".to_owned(),
                Some("thousands are separated by `_`: 1_250_000"),
            ),
            Token::Name(n) => (format!("`{n}` is not expected here"), None),
            _ => ("this is not expected here".to_owned(), None),
        };
        self.error(what, help)
    }

    /// One level deeper, or an error where nesting is absurd.
    fn nested(&mut self, parse: impl FnOnce(&mut Self) -> Parsed) -> Parsed {
        if self.depth >= MAX_DEPTH {
            let mut error = self.error(
                format!("this nests more than {MAX_DEPTH} levels deep"),
                Some("give parts of it names, as parameters"),
            );
            error.code = Code::TooDeep;
            return Err(error);
        }
        self.depth += 1;
        let ast = parse(self);
        self.depth -= 1;
        ast
    }

    /// A run of operators of one precedence. A long run would be a tree as deep as the run is
    /// long, so the run counts towards the depth.
    fn run(
        &mut self,
        operand: fn(&mut Self) -> Parsed,
        operator: fn(&mut Self) -> Option<Operator>,
    ) -> Parsed {
        let mut left = operand(self)?;
        let outer = self.depth;
        while let Some(op) = operator(self) {
            let right = self.nested(operand)?;
            self.depth += usize::from(self.depth < MAX_DEPTH);
            let range = left.range.start..right.range.end;
            left = Ast { node: AstNode::Binary(op, Box::new(left), Box::new(right)), range };
        }
        self.depth = outer;
        Ok(left)
    }

    fn either(&mut self) -> Parsed {
        self.run(Self::both, |p| p.eat_word("or").then_some(Operator::Or))
    }

    fn both(&mut self) -> Parsed {
        self.run(Self::negated, |p| p.eat_word("and").then_some(Operator::And))
    }

    fn negated(&mut self) -> Parsed {
        let start = self.range().start;
        if self.eat_word("not") {
            let inner = self.nested(Self::negated)?;
            let range = start..inner.range.end;
            return Ok(Ast { node: AstNode::Not(Box::new(inner)), range });
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Parsed {
        let left = self.sum()?;
        if self.eat_word("in") {
            let right = self.primary(false)?;
            let range = left.range.start..right.range.end;
            return Ok(Ast { node: AstNode::In(Box::new(left), Box::new(right)), range });
        }
        let operator = match self.peek() {
            Token::Symbol("<") => Operator::Less,
            Token::Symbol("<=") => Operator::LessEqual,
            Token::Symbol("=") => Operator::Equal,
            Token::Symbol("!=") => Operator::NotEqual,
            Token::Symbol(">=") => Operator::GreaterEqual,
            Token::Symbol(">") => Operator::Greater,
            _ => return Ok(left),
        };
        self.advance();
        let right = self.sum()?;
        let range = left.range.start..right.range.end;
        Ok(Ast { node: AstNode::Binary(operator, Box::new(left), Box::new(right)), range })
    }

    fn sum(&mut self) -> Parsed {
        self.run(Self::product, |p| {
            if p.eat("+") {
                Some(Operator::Add)
            } else if p.eat("-") {
                Some(Operator::Subtract)
            } else {
                None
            }
        })
    }

    fn product(&mut self) -> Parsed {
        let mut left = self.signed()?;
        let outer = self.depth;
        loop {
            let operator = if self.eat("*") {
                Operator::Multiply
            } else if self.eat("/") {
                Operator::Divide
            } else {
                break;
            };
            let divisor = operator == Operator::Divide;
            let right = if divisor && matches!(self.peek(), Token::Name(_)) {
                self.nested(|p| p.primary(true))?
            } else {
                self.nested(Self::signed)?
            };
            self.depth += usize::from(self.depth < MAX_DEPTH);
            let range = left.range.start..right.range.end;
            left = Ast { node: AstNode::Binary(operator, Box::new(left), Box::new(right)), range };
        }
        self.depth = outer;
        Ok(left)
    }

    fn signed(&mut self) -> Parsed {
        let start = self.range().start;
        if self.eat("-") {
            let inner = self.nested(Self::signed)?;
            let range = start..inner.range.end;
            return Ok(Ast { node: AstNode::Negate(Box::new(inner)), range });
        }
        self.primary(false)
    }

    fn primary(&mut self, divisor: bool) -> Parsed {
        let range = self.range();
        match self.peek().clone() {
            Token::Number(number) => {
                self.advance();
                self.after_number(number, range)
            }
            Token::Dollar => {
                self.advance();
                let Token::Number(amount) = *self.peek() else {
                    return Err(self.error("`$` is followed by a number", Some("write $1.50")));
                };
                let end = self.advance().end;
                let money = AstNode::Money { amount, currency: "USD".to_owned(), cents: false };
                Ok(self.after_money(Ast { node: money, range: range.start..end }))
            }
            Token::Text(text) => {
                self.advance();
                Ok(Ast { node: AstNode::Text(text), range })
            }
            Token::Date(date) => {
                self.advance();
                Ok(Ast { node: AstNode::Date(date), range })
            }
            Token::Symbol("(") => {
                self.advance();
                let inner = self.nested(Self::either)?;
                let end = self.range().end;
                if !self.eat(")") {
                    return Err(self.error("a closing bracket `)` is missing here", None));
                }
                Ok(Ast { node: inner.node, range: range.start..end })
            }
            Token::Name(name) => self.name(name, range, divisor),
            _ => Err(self.unexpected()),
        }
    }

    /// What may follow a number: `%`, `¢`, a currency, a unit.
    fn after_number(&mut self, number: Decimal, range: Range<usize>) -> Parsed {
        let start = range.start;
        match self.peek().clone() {
            Token::Percent => {
                let end = self.advance().end;
                Ok(Ast { node: AstNode::Percent(number), range: start..end })
            }
            Token::Cent => {
                let end = self.advance().end;
                let money = AstNode::Money { amount: number, currency: "USD".to_owned(), cents: true };
                Ok(self.after_money(Ast { node: money, range: start..end }))
            }
            Token::Name(word) if is_currency_like(&word) && Unit::from_name(&word).is_none() => {
                let end = self.advance().end;
                let money = AstNode::Money { amount: number, currency: word, cents: false };
                Ok(self.after_money(Ast { node: money, range: start..end }))
            }
            Token::Name(word) => match Unit::from_name(&word) {
                Some(unit) => {
                    let end = self.advance().end;
                    Ok(Ast { node: AstNode::Quantity(number, unit), range: start..end })
                }
                None if matches!(word.as_str(), "and" | "or" | "in" | "not") => {
                    Ok(Ast { node: AstNode::Number(number), range })
                }
                None => {
                    let known: Vec<&str> = Unit::names().collect();
                    let help = match nearest(&word, known) {
                        Some(unit) => format!("did you mean the unit `{unit}`?"),
                        None => {
                            "after a number stands `%`, a unit (kg, t, each …) or a currency (USD)".to_owned()
                        }
                    };
                    let mut error = self.error(format!("`{word}` is not a unit or a currency"), Some(&help));
                    error.code = Code::UnknownUnit;
                    Err(error)
                }
            },
            _ => Ok(Ast { node: AstNode::Number(number), range }),
        }
    }

    /// Money, or money by the unit that follows it: `30 USD/t`, `45 GBP/100 kg`, `$1.50 each`.
    fn after_money(&mut self, money: Ast) -> Ast {
        let stroke = usize::from(self.peek() == &Token::Symbol("/"));
        let token = |offset: usize| self.lexemes.get(self.at + offset).map(|l| &l.0);
        let (amount, word) = match (token(stroke), token(stroke + 1)) {
            (Some(Token::Number(amount)), Some(word)) if stroke == 1 => (Some(*amount), Some(word)),
            (word, _) => (None, word),
        };
        let Some(Token::Name(name)) = word else { return money };
        let Some(unit) = Unit::from_name(name) else { return money };
        self.at += stroke;
        let start = self.range().start;
        self.at += usize::from(amount.is_some());
        let end = self.advance().end;
        let node = amount.map_or(AstNode::Unit(unit), |amount| AstNode::Quantity(amount, unit));
        let range = money.range.start..end;
        let per = Ast { node, range: start..end };
        Ast { node: AstNode::Binary(Operator::Divide, Box::new(money), Box::new(per)), range }
    }

    fn name(&mut self, name: String, range: Range<usize>, divisor: bool) -> Parsed {
        if matches!(name.as_str(), "and" | "or" | "not" | "in") {
            return Err(self.unexpected());
        }
        self.advance();
        if self.peek() == &Token::Symbol("(") {
            return self.call(&name, range);
        }
        if name.eq_ignore_ascii_case("free") {
            return Ok(Ast { node: AstNode::Percent(Decimal::ZERO), range });
        }
        if let "true" | "false" = name.as_str() {
            return Ok(Ast { node: AstNode::Truth(name == "true"), range });
        }
        match Unit::from_name(&name) {
            Some(unit) if divisor => Ok(Ast { node: AstNode::Unit(unit), range }),
            _ => Ok(Ast { node: AstNode::Name(name), range }),
        }
    }

    fn call(&mut self, name: &str, range: Range<usize>) -> Parsed {
        let Some((_, function)) = Function::NAMES.iter().find(|(n, _)| *n == name) else {
            let known = Function::NAMES.iter().map(|(n, _)| *n);
            let help = match nearest(name, known) {
                Some(near) => format!("did you mean `{near}`?"),
                None => "the functions are min, max, if, clamp and default".to_owned(),
            };
            return Err(ExprError {
                code: Code::UnknownName,
                message: format!("there is no function `{name}`"),
                range,
                help: Some(help),
            });
        };
        self.advance();
        let mut arguments = Vec::new();
        if self.peek() != &Token::Symbol(")") {
            loop {
                arguments.push(self.nested(Self::either)?);
                if !self.eat(",") {
                    break;
                }
            }
        }
        let end = self.range().end;
        if !self.eat(")") {
            let next = matches!(self.peek_after(), Token::End) && self.peek() == &Token::End;
            let help = if next { None } else { Some("arguments are separated by commas") };
            return Err(self.error(format!("the brackets of `{name}(` are not closed here"), help));
        }
        let range = range.start..end;
        let wrong = match function {
            Function::Min | Function::Max if arguments.is_empty() => Some("at least one argument"),
            Function::If | Function::Clamp if arguments.len() != 3 => Some("three arguments"),
            Function::Default if arguments.len() != 2 => Some("two arguments"),
            _ => None,
        };
        match wrong {
            Some(wanted) => Err(ExprError {
                code: Code::ExpressionSyntax,
                message: format!("`{name}` takes {wanted}, not {}", arguments.len()),
                range,
                help: None,
            }),
            None => Ok(Ast { node: AstNode::Call(*function, arguments), range }),
        }
    }
}

fn is_currency_like(word: &str) -> bool {
    word.len() == 3 && word.bytes().all(|b| b.is_ascii_uppercase())
}

impl Ast {
    /// Calls `visit` with every name in the tree.
    pub fn names(&self, visit: &mut dyn FnMut(&str)) {
        match &self.node {
            AstNode::Name(name) => visit(name),
            AstNode::Negate(inner) | AstNode::Not(inner) => inner.names(visit),
            AstNode::Binary(_, left, right) => {
                left.names(visit);
                right.names(visit);
            }
            AstNode::In(left, _) => left.names(visit),
            AstNode::Call(_, arguments) => arguments.iter().for_each(|a| a.names(visit)),
            _ => {}
        }
    }
}
