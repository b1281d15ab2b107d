// Ways of Rust to read a file: reading-rs METHOD PATH prints its bytes.
use std::fs::{self, File};
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::FileExt;

fn read(method: &str, path: &str) -> io::Result<()> {
    let mut out = io::stdout();
    match method {
        "read" => out.write_all(&fs::read(path)?),
        "read_to_string" => out.write_all(fs::read_to_string(path)?.as_bytes()),
        "copy" => io::copy(&mut File::open(path)?, &mut out).map(|_| ()),
        "fs-copy" => {
            let to = format!("{}/rust-copy", std::env::var("T").unwrap());
            fs::copy(path, &to)?;
            out.write_all(&fs::read(&to)?)?;
            fs::remove_file(to)
        }
        "lines" => {
            for line in BufReader::new(File::open(path)?).lines() {
                writeln!(out, "{}", line?)?;
            }
            Ok(())
        }
        "bytes" => {
            let all: io::Result<Vec<u8>> = BufReader::new(File::open(path)?).bytes().collect();
            out.write_all(&all?)
        }
        "read_exact_at" => {
            let file = File::open(path)?;
            let mut all = vec![0; file.metadata()?.len() as usize];
            file.read_exact_at(&mut all, 0)?;
            out.write_all(&all)
        }
        _ => Err(io::Error::new(io::ErrorKind::Other, "no such method")),
    }
}

fn main() {
    let words: Vec<String> = std::env::args().collect();
    if let Err(error) = read(&words[1], &words[2]) {
        eprintln!("{error}");
        std::process::exit(1);
    }
}
