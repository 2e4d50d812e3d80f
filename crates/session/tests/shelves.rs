//! The shelf of recordings: what is there, and what goes when the room is used up.

mod common;

use std::path::{Path, PathBuf};

use common::{header, plain_packets};
use market::{Timestamp, Venue};
use session::{
    Bookmark, BulkOptions, FileHeader, Library, Mark, Recorder, RecorderConfig, Target,
    default_cap, write_all,
};

/// Four recordings an hour apart; their names sort the other way round.
fn shelf_of_four(directory: &Path) -> Vec<PathBuf> {
    (0..4)
        .map(|hour| {
            let path = directory.join(format!("{}.mcap", ["d", "c", "b", "a"][hour as usize]));
            let mut packets = plain_packets(200);
            for packet in &mut packets {
                packet.received_at = packet.received_at.plus_nanos(hour * 3_600_000_000_000);
            }
            write_all(&path, packets, &BulkOptions::new(header())).expect("a recording is written");
            path
        })
        .collect()
}

#[test]
fn the_shelf_lists_oldest_first_without_reading_the_packets() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    std::fs::write(directory.path().join("notes.txt"), "mine").unwrap();
    let shelf = Library::at(directory.path()).shelf().unwrap();
    assert_eq!(shelf.iter().map(|shelved| shelved.path.clone()).collect::<Vec<_>>(), paths);
    let packets = plain_packets(200);
    assert_eq!(shelf[0].from, Some(packets[0].received_at));
    assert_eq!(shelf[0].to, Some(packets[199].received_at));
    assert_eq!((shelf[0].n_packets, shelf[0].is_closed), (Some(200), true));
    assert!(!shelf[0].is_simulated);
}

#[test]
fn a_cut_recording_is_listed_with_the_times_of_its_chunks() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("cut.mcap");
    let options = BulkOptions { chunk_bytes: 2_000, ..BulkOptions::new(header()) };
    write_all(&path, plain_packets(400), &options).unwrap();
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let shelf = Library::at(directory.path()).shelf().unwrap();
    assert_eq!((shelf[0].is_closed, shelf[0].n_packets), (false, None));
    assert_eq!(shelf[0].from, Some(plain_packets(1)[0].received_at));
    assert!(shelf[0].to > shelf[0].from);
}

#[test]
fn at_the_cap_the_oldest_goes_but_never_what_is_kept_or_in_use() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    let one = std::fs::metadata(&paths[0]).unwrap().len();
    library.mark(&paths[0], Mark::Pinned).unwrap();
    library.mark(&paths[3], Mark::Bookmarked).unwrap();
    let in_use = [paths[1].clone()];
    let plan = library.plan_deletions(3 * one + one / 2, &in_use).unwrap();
    assert_eq!(
        plan.now.iter().map(|shelved| shelved.path.clone()).collect::<Vec<_>>(),
        [paths[2].clone()]
    );
    assert!(plan.sentence.clone().unwrap().contains("The oldest goes next: b.mcap"));
    assert_eq!(library.carry_out(&plan, &in_use).unwrap(), [paths[2].clone()]);
    let left: Vec<_> = library.shelf().unwrap().into_iter().map(|shelved| shelved.path).collect();
    assert_eq!(left, [paths[0].clone(), paths[1].clone(), paths[3].clone()]);
    let plan = library.plan_deletions(one, &in_use).unwrap();
    assert!(plan.now.is_empty() && plan.sentence.unwrap().contains("Nothing more can be deleted"));
    library.unmark(&paths[0], Mark::Pinned).unwrap();
    assert_eq!(library.plan_deletions(one, &in_use).unwrap().now.len(), 1);
}

#[test]
fn what_goes_next_is_said_before_it_goes() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    let used = library.plan_deletions(u64::MAX, &[]).unwrap();
    assert_eq!((used.sentence, used.now.len()), (None, 0));
    let plan = library.plan_deletions(used.used_bytes + 10, &[]).unwrap();
    assert_eq!((plan.now.len(), plan.next.unwrap().path), (0, paths[0].clone()));
    assert!(plan.sentence.unwrap().contains("The oldest goes next: d.mcap"));
    // In a unit in which both are told apart from nothing.
    let big = std::fs::OpenOptions::new().write(true).open(&paths[3]).unwrap();
    for (bytes, cap, said) in [
        (31_200_000, 31_500_000, "31.2 of 31.5 MB"),
        (1_950_000_000, 2_000_000_000, "1.9 of 2.0 GB"),
    ] {
        big.set_len(bytes).unwrap();
        let sentence = library.plan_deletions(cap, &[]).unwrap().sentence.unwrap();
        assert!(sentence.starts_with(&format!("Recordings take {said}. ")), "{sentence}");
    }
}

#[test]
fn what_was_pinned_after_the_plan_stays() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    let plan = library.plan_deletions(0, &[]).unwrap();
    assert_eq!(plan.now.len(), 4);
    library.mark(&paths[2], Mark::Pinned).unwrap();
    assert_eq!(
        library.carry_out(&plan, &paths[..1]).unwrap(),
        [paths[1].clone(), paths[3].clone()]
    );
}

#[test]
fn what_is_being_written_stays() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::Directory {
        directory: directory.path().to_owned(),
        started_at: Timestamp::from_nanos(0),
        name: "demo".to_owned(),
    };
    let header = FileHeader { is_simulated: true, ..header() };
    let recorder = Recorder::start(RecorderConfig::new(target, header)).unwrap();
    recorder.record(plain_packets(1).remove(0));
    common::wait_for(|| recorder.report().bytes > 700);
    let library = Library::at(directory.path());
    let shelf = library.shelf().unwrap();
    assert!(shelf[0].is_being_written && shelf[0].is_simulated);
    assert!(library.plan_deletions(0, &[]).unwrap().now.is_empty());
    recorder.finish();
    assert_eq!(library.plan_deletions(0, &[]).unwrap().now.len(), 1);
}

#[test]
fn a_directory_that_is_not_there_holds_nothing_and_the_cap_fits_the_disk() {
    let directory = tempfile::tempdir().unwrap();
    assert_eq!(Library::at(&directory.path().join("absent")).shelf().unwrap(), vec![]);
    let cap = default_cap(directory.path()).unwrap();
    assert!(cap > 0 && cap <= 20_000_000_000);
    assert_eq!(default_cap(&directory.path().join("to be/made")).unwrap(), cap);
}

#[test]
fn a_renamed_recording_takes_along_what_lies_beside_it() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    library.mark(&paths[0], Mark::Pinned).unwrap();
    let neighbour = directory.path().join("d.mcap-notes");
    std::fs::write(&neighbour, "mine").unwrap();
    let renamed = library.rename(&paths[0], " FOMC minutes ").unwrap();
    assert_eq!(renamed, directory.path().join("FOMC minutes.mcap"));
    let shelf = library.shelf().unwrap();
    assert_eq!(shelf[0].path, renamed);
    assert!(shelf[0].marks.contains(&Mark::Pinned) && neighbour.exists());
    for name in ["", "a/b", ".hidden", &"x".repeat(121), "c.mcap"] {
        let refused = library.rename(&renamed, name).unwrap_err().to_string();
        assert!(refused.contains("cannot be renamed: a"), "{name}: {refused}");
    }
    assert!(renamed.exists());
}

#[test]
fn what_goes_at_the_cap_leaves_nothing_beside() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let figures = directory.path().join("d.mcap.figures");
    std::fs::write(&figures, "{}").unwrap();
    let keyframes = session::KeyframeFile::create(&paths[0], 1, None).unwrap();
    keyframes.finish().unwrap();
    assert_eq!(session::beside(&paths[0]).unwrap().len(), 2);
    let library = Library::at(directory.path());
    let plan = library.plan_deletions(1, &[]).unwrap();
    assert_eq!(plan.now[0].path, paths[0]);
    library.carry_out(&plan, &[]).unwrap();
    assert_eq!(std::fs::read_dir(directory.path()).unwrap().count(), 0);
}

/// Two parts of a session, an hour apart, with a bookmark in each and one between them.
fn marked_session(directory: &Path) -> ([PathBuf; 2], Vec<Bookmark>) {
    let paths = shelf_of_four(directory);
    let parts = ["s_p001.mcap", "s_p002.mcap"].map(|name| directory.join(name));
    for (path, part) in paths.iter().zip(&parts) {
        std::fs::rename(path, part).expect("renamed");
    }
    let first = plain_packets(2)[1].received_at;
    let at = |minutes: i64| first.plus_nanos(minutes * 60_000_000_000);
    let all = [(0, "wall"), (30, "between"), (60, "sweep")];
    let all = all.map(|(minutes, note)| Bookmark { at: at(minutes), note: note.to_owned() });
    Bookmark::write(&Bookmark::path(&parts[0]), &all).expect("written");
    (parts, all.to_vec())
}

fn notes(recording: &Path) -> Vec<String> {
    let all = Bookmark::read(&Bookmark::path(recording)).expect("bookmarks");
    all.into_iter().map(|one| one.note).collect()
}

#[test]
fn a_renamed_part_takes_its_bookmarks_along_and_leaves_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let library = Library::at(directory.path());
    let ([first, second], _) = marked_session(directory.path());
    let renamed = library.rename(&first, "FOMC").unwrap();
    assert_eq!(notes(&renamed), ["wall", "between"]);
    assert_eq!(notes(&second), ["sweep"]);
    // Back among its session, and then the whole under names of their own.
    assert_eq!(library.rename(&renamed, "s_p001").unwrap(), first);
    assert_eq!(notes(&second), ["wall", "between", "sweep"]);
    let named = [library.rename(&second, "CPI").unwrap(), library.rename(&first, "NFP").unwrap()];
    assert_eq!(named.map(|path| notes(&path)), [vec!["sweep"], vec!["wall", "between"]]);
    let is_left = |name: &str| directory.path().join(name).exists();
    assert!(!is_left("s.bookmarks.json") && !is_left("FOMC.mcap.bookmarks.json"));
}

#[test]
fn bookmarks_that_cannot_be_read_stay_and_keep_no_recording_from_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let ([first, _], _) = marked_session(directory.path());
    let json = Bookmark::path(&first);
    std::fs::write(&json, "{").unwrap();
    let renamed = Library::at(directory.path()).rename(&first, "FOMC").unwrap();
    assert!(renamed.exists() && !first.exists());
    assert_eq!(std::fs::read_to_string(json).unwrap(), "{");
}

#[test]
fn what_is_cut_out_has_the_bookmarks_of_its_span_and_is_kept_for_them() {
    let directory = tempfile::tempdir().unwrap();
    let (parts, all) = marked_session(directory.path());
    let first = &parts[0];
    let cut = directory.path().join("cut.mcap");
    write_all(&cut, plain_packets(9), &BulkOptions::new(header())).unwrap();
    let span = (all[1].at, all[2].at);
    for _again in 0..2 {
        assert_eq!(session::copy_bookmarks(&parts, &cut, span).unwrap(), 2);
        assert_eq!(notes(&cut), ["between", "sweep"]);
    }
    assert_eq!(notes(first).len(), 3, "the whole keeps its own");
    let shelf = Library::at(directory.path()).shelf().unwrap();
    let marks = &shelf.iter().find(|one| one.path == cut).unwrap().marks;
    assert!(marks.contains(&Mark::Bookmarked));
    session::drop_bookmarks(&parts, &cut).unwrap();
    assert_eq!(notes(first), ["wall"]);
}

#[test]
fn a_part_gives_its_own_bookmarks_and_none_of_the_others() {
    let directory = tempfile::tempdir().unwrap();
    let (parts, _) = marked_session(directory.path());
    let cut = directory.path().join("cut.mcap");
    write_all(&cut, plain_packets(9), &BulkOptions::new(header())).unwrap();
    let always = (Timestamp::from_nanos(i64::MIN), Timestamp::from_nanos(i64::MAX));
    assert_eq!(session::copy_bookmarks(&parts[1..], &cut, always).unwrap(), 1);
    assert_eq!(notes(&cut), ["sweep"]);
}

#[test]
fn no_recording_belongs_to_another_by_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    for name in ["a.mcap.backup", "a.mcap.mcap", "a.MCAP.old.mcap"] {
        let refused = library.rename(&paths[1], name).unwrap_err().to_string();
        assert!(refused.contains("no .mcap in its middle"), "{name}: {refused}");
    }
    // Made by other hands: a recording by its name, one by what is in it, and what lies beside them.
    let at = |name: &str| directory.path().join(name);
    for name in ["d.mcap.backup.mcap", "d.mcap.old"] {
        std::fs::copy(&paths[1], at(name)).unwrap();
    }
    library.mark(&at("d.mcap.backup.mcap"), Mark::Pinned).unwrap();
    std::fs::write(at("d.mcap.old.txt"), "mine").unwrap();
    std::fs::write(at("d.mcap.txt"), "mine").unwrap();
    let beside = session::beside(&paths[0]).unwrap();
    assert_eq!(beside, [at("d.mcap.txt")]);
    let plan = library.plan_deletions(1, &paths[1..]).unwrap();
    assert_eq!(library.carry_out(&plan, &[]).unwrap(), [paths[0].clone()]);
    assert!(at("d.mcap.backup.mcap").exists() && at("d.mcap.old").exists());
    assert!(at("d.mcap.backup.mcap.pinned").exists() && !at("d.mcap.txt").exists());
}

#[test]
fn what_is_empty_or_no_recording_is_not_on_the_shelf() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    std::fs::write(directory.path().join("empty.mcap"), "").unwrap();
    std::fs::write(directory.path().join("notes.txt"), "mine\n").unwrap();
    std::fs::create_dir(directory.path().join("folder.mcap")).unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("notes.txt", directory.path().join("linked.mcap")).unwrap();
    let shelf = Library::at(directory.path()).shelf().unwrap();
    assert_eq!(shelf.into_iter().map(|one| one.path).collect::<Vec<_>>(), paths);
}

#[test]
fn what_lies_beside_a_recording_counts_towards_the_cap() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    let before = library.plan_deletions(u64::MAX, &[]).unwrap().used_bytes;
    std::fs::write(directory.path().join("d.mcap.figures"), vec![b' '; 5_000]).unwrap();
    let plan = library.plan_deletions(before, &[]).unwrap();
    assert_eq!(plan.used_bytes, before + 5_000);
    assert_eq!(plan.now.iter().map(|one| &one.path).collect::<Vec<_>>(), [&paths[0]]);
}

#[test]
fn caches_without_their_recording_go_and_all_else_stays() {
    let directory = tempfile::tempdir().unwrap();
    let paths = shelf_of_four(directory.path());
    let library = Library::at(directory.path());
    let figures = r#"{"version":3,"bytes":1,"modified_ns":1,"figures":{}}"#;
    let at = |name: &str| directory.path().join(name);
    for path in &paths[..2] {
        session::KeyframeFile::create(path, 1, None).unwrap().finish().unwrap();
        std::fs::write(format!("{}.figures", path.display()), figures).unwrap();
    }
    library.mark(&paths[0], Mark::Pinned).unwrap();
    std::fs::write(at("d.mcap.notes"), "mine").unwrap();
    std::fs::write(at("gone.mcap.figures"), "mine").unwrap();
    std::fs::write(at("gone.mcap.keyframes"), "mine").unwrap();
    std::fs::remove_file(&paths[0]).unwrap();
    // Whatever the time is.
    let mut swept = library.sweep(Timestamp::from_nanos(0)).unwrap();
    swept.sort();
    assert_eq!(swept, [at("d.mcap.figures"), at("d.mcap.keyframes")]);
    let is_left = |name: &str| at(name).exists();
    assert!(is_left("c.mcap.figures") && is_left("c.mcap.keyframes"));
    assert!(is_left("d.mcap.pinned") && is_left("d.mcap.notes"), "they are the user's");
    assert!(is_left("gone.mcap.figures") && is_left("gone.mcap.keyframes"), "none of ours");
    let absent = Library::at(&at("absent"));
    assert_eq!(absent.sweep(Timestamp::from_nanos(0)).unwrap(), Vec::<PathBuf>::new());
}

#[test]
fn files_begun_later_name_the_venues_that_were_opened_meanwhile() {
    let directory = tempfile::tempdir().unwrap();
    let target = Target::File(directory.path().join("tape.mcap"));
    let endpoint = |venue: &str| (format!("{venue}.ws"), format!("wss://{venue}.example"));
    let header = FileHeader { endpoints: vec![endpoint("okx")], ..header() };
    let recorder = Recorder::start(RecorderConfig::new(target, header)).unwrap();
    plain_packets(50).into_iter().for_each(|packet| recorder.record(packet));
    recorder.set_endpoints(vec![endpoint("okx"), endpoint("binance")]);
    recorder.roll(plain_packets(51).split_off(50));
    recorder.finish();
    let venues = |name: &str| {
        let recording = session::open(&directory.path().join(name)).unwrap();
        recording.venues().into_iter().collect::<Vec<_>>()
    };
    // Kraken is that of the packets.
    assert_eq!(venues("tape.mcap"), [Venue::Kraken, Venue::Okx]);
    assert_eq!(venues("tape_p002.mcap"), [Venue::Binance, Venue::Kraken, Venue::Okx]);
    // Of a file that was cut off, the channels outside of its chunks tell.
    let bytes = std::fs::read(directory.path().join("tape.mcap")).unwrap();
    std::fs::write(directory.path().join("cut.mcap"), &bytes[..bytes.len() - 400]).unwrap();
    assert_eq!(venues("cut.mcap"), [Venue::Kraken, Venue::Okx]);
}
