//! Records of PAX extended headers (POSIX.1-2001, `pax`, "Extended Header"): `length keyword=value`, one a line.

/// What the records of one header say, as far as reading needs it.
#[derive(Debug, Default)]
pub struct Records {
    pub path: Option<Vec<u8>>,
    pub link: Option<Vec<u8>>,
    pub size: Option<u64>,
    /// GNU.sparse.major and .minor.
    pub sparse_version: (u64, u64),
    pub sparse_name: Option<Vec<u8>>,
    pub sparse_size: Option<u64>,
    /// Offsets and lengths in turn, of the formats 0.0 and 0.1.
    pub sparse_map: Option<Vec<u64>>,
    changes: Vec<&'static str>,
    text: String,
}

impl Records {
    /// Whether nothing in them changes how the archive is read.
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// The keywords that change how the archive is read.
    pub fn keywords(&self) -> &str {
        &self.text
    }

    pub fn is_sparse(&self) -> bool {
        self.sparse_map.is_some() || self.sparse_version != (0, 0)
    }

    fn mark(&mut self, keyword: &'static str) {
        if !self.changes.contains(&keyword) {
            self.changes.push(keyword);
            self.text = self.changes.join(", ");
        }
    }
}

fn decimal(value: &[u8]) -> Result<u64, &'static str> {
    let text = std::str::from_utf8(value).ok().filter(|text| !text.starts_with('+'));
    text.and_then(|text| text.trim().parse().ok()).ok_or("a PAX header holds a number that is none")
}

/// Reads all records.
pub fn parse(mut data: &[u8]) -> Result<Records, &'static str> {
    const DAMAGED: &str = "a PAX header is damaged";
    let mut records = Records::default();
    while !data.is_empty() {
        // Some writers pad with zero bytes.
        if data.iter().all(|&byte| byte == 0) {
            break;
        }
        let blank = data.iter().take(21).position(|&byte| byte == b' ').ok_or(DAMAGED)?;
        let length = usize::try_from(decimal(&data[..blank])?).map_err(|_| DAMAGED)?;
        if length <= blank + 1 || length > data.len() || data[length - 1] != b'\n' {
            return Err(DAMAGED);
        }
        let record = &data[blank + 1..length - 1];
        data = &data[length..];
        let equals = record.iter().position(|&byte| byte == b'=').ok_or(DAMAGED)?;
        let (keyword, value) = (&record[..equals], &record[equals + 1..]);
        let some = (!value.is_empty()).then(|| value.to_vec());
        match keyword {
            b"path" => {
                records.mark("path");
                records.path = some;
            }
            b"linkpath" => {
                records.mark("linkpath");
                records.link = some;
            }
            b"size" => {
                records.mark("size");
                records.size = if value.is_empty() { None } else { Some(decimal(value)?) };
            }
            b"GNU.sparse.major" => {
                records.mark("GNU.sparse");
                records.sparse_version.0 = decimal(value)?;
            }
            b"GNU.sparse.minor" => {
                records.mark("GNU.sparse");
                records.sparse_version.1 = decimal(value)?;
            }
            b"GNU.sparse.name" => {
                records.mark("GNU.sparse");
                records.sparse_name = some;
            }
            b"GNU.sparse.realsize" | b"GNU.sparse.size" => {
                records.mark("GNU.sparse");
                records.sparse_size = Some(decimal(value)?);
            }
            b"GNU.sparse.map" => {
                records.mark("GNU.sparse");
                let numbers = value.split(|&byte| byte == b',').filter(|part| !part.is_empty()).map(decimal);
                records.sparse_map = Some(numbers.collect::<Result<_, _>>()?);
            }
            b"GNU.sparse.offset" | b"GNU.sparse.numbytes" => {
                records.mark("GNU.sparse");
                let map = records.sparse_map.get_or_insert_default();
                let is_length = keyword == b"GNU.sparse.numbytes";
                if (map.len() % 2 == 1) != is_length {
                    return Err(DAMAGED);
                }
                map.push(decimal(value)?);
            }
            b"GNU.sparse.numblocks" => {
                records.mark("GNU.sparse");
                records.sparse_map.get_or_insert_default();
            }
            _ => {}
        }
    }
    Ok(records)
}
