//! How far decoded bytes are text.

/// How a text is written in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// UTF-8, or one of the encodings of which nearly all is ASCII.
    Utf8,
    /// With the lower half first, as Windows has it.
    Utf16,
}

/// Bytes by which a text is told from anything else.
pub const START: usize = 12;
/// What a byte that is in no text adds to the doubt; one that is takes 1 away.
const DOUBT: u32 = 4;
/// More doubt than this, and the text has ended.
const MOST_DOUBT: u32 = 12;

#[inline]
pub fn is_ascii_text(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// Follows bytes, and says where they cease to be text.
pub struct Prose {
    form: Form,
    /// Of a character of UTF-8: the bytes that have to follow. Of one of UTF-16: whether its first half was read.
    due: u8,
    lower: u8,
    doubt: u32,
    read: usize,
    sound: usize,
}

impl Prose {
    /// The form in which bytes begin as a text; all of the first `START` have to.
    pub fn form(start: &[u8; START]) -> Option<Form> {
        let mut all = Self::new(Form::Utf8);
        if start.iter().all(|byte| {
            all.byte(*byte);
            all.doubt == 0
        }) {
            return Some(Form::Utf8);
        }
        let pairs = if start.starts_with(b"\xff\xfe") { &start[2..] } else { &start[..] };
        pairs.chunks_exact(2).all(|pair| is_ascii_text(pair[0]) && pair[1] == 0).then_some(Form::Utf16)
    }

    pub fn new(form: Form) -> Self {
        Self { form, due: 0, lower: 0, doubt: 0, read: 0, sound: 0 }
    }

    fn judge(&mut self, good: bool) {
        if good {
            self.doubt = self.doubt.saturating_sub(1);
        } else {
            self.doubt += DOUBT;
        }
    }

    fn byte(&mut self, byte: u8) {
        if self.due > 0 && byte & 0xc0 == 0x80 {
            self.due -= 1;
            return;
        }
        let begun = self.due > 0;
        let due = match byte {
            0xc2..=0xdf => 1,
            0xe0..=0xef => 2,
            0xf0..=0xf4 => 3,
            _ => 0,
        };
        self.judge(!begun && (due > 0 || is_ascii_text(byte)));
        self.due = due;
    }

    fn half(&mut self, byte: u8) {
        if self.due == 0 {
            (self.lower, self.due) = (byte, 1);
            return;
        }
        self.due = 0;
        // Characters of other scripts say nothing for or against.
        if byte == 0 {
            self.judge(is_ascii_text(self.lower) || self.lower >= 0xa0);
        }
    }

    /// Reads on; false once what comes is no text. Then nothing more is to be read.
    pub fn read(&mut self, bytes: &[u8]) -> bool {
        for byte in bytes {
            match self.form {
                Form::Utf8 => self.byte(*byte),
                Form::Utf16 => self.half(*byte),
            }
            self.read += 1;
            if self.doubt == 0 {
                self.sound = self.read;
            } else if self.doubt > MOST_DOUBT {
                return false;
            }
        }
        true
    }

    /// How many bytes are text; all, while it has not ended.
    pub fn sound(&self) -> usize {
        if self.doubt > MOST_DOUBT { self.sound } else { self.read }
    }
}
