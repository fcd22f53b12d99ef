//! Bindings to the MicroPython port that is being built, from its own headers and flags.

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    #[cfg(feature = "micropython")]
    bindings::generate();
}

#[cfg(feature = "micropython")]
mod bindings {
    use std::path::{Path, PathBuf};
    use std::{env, fs};

    use bindgen::callbacks::{EnumVariantValue, ParseCallbacks};

    /// Functions, types and constants that the Rust side uses. The functions of the module itself
    /// are among them so that the compiler holds the declarations against the definitions.
    const FUNCTIONS: &str = "mqtt_vm_.*|mqtt_loop_function|mqtt_client_.*|mqtt_delivery_.*|mqtt_create_ssl_context|\
        mqtt_auto_reconnect.*";
    const TYPES: &str =
        "mp_obj_t|mp_obj_base_t|mp_obj_type_t|mp_int_t|mp_uint_t|mqtt_[a-z_]+_args_t";
    const VARIABLES: &str = "MP_E[A-Z]+|MP_STREAM_.*|MQTT_[A-Z_]+";
    /// In Rust these are types of `src/micropython/`.
    const OWN_TYPES: &str = "mqtt_arg_t";

    const QSTR: &str = "MP_QSTR_";

    /// Names the constants of interned names as the names themselves.
    #[derive(Debug)]
    struct PlainNames;

    impl ParseCallbacks for PlainNames {
        fn enum_variant_name(
            &self,
            _enum_name: Option<&str>,
            name: &str,
            _value: EnumVariantValue,
        ) -> Option<String> {
            let plain = name.strip_prefix(QSTR)?;
            let bare = plain.trim_start_matches('_');
            let is_name = bare.starts_with(|first: char| first.is_ascii_alphabetic());
            is_name.then(|| plain.to_owned())
        }
    }

    /// Reads a variable that micropython.mk or micropython.cmake sets.
    fn setting(name: &str) -> String {
        println!("cargo:rerun-if-env-changed={name}");
        env::var(name).unwrap_or_else(|_| {
            panic!("{name} is not set: the `micropython` feature is built by a MicroPython port")
        })
    }

    /// Tells GCC's own headers, `lib/gcc/PROCESSOR/VERSION/include`, from those of the C library.
    fn is_gccs_own(path: &str) -> bool {
        let mut folders = path.trim_end_matches('/').rsplit('/');
        matches!(folders.next(), Some("include" | "include-fixed"))
            && folders
                .next()
                .is_some_and(|version| version.starts_with(|first: char| first.is_ascii_digit()))
            && folders.nth(1) == Some("gcc")
    }

    /// Clang's own headers, as an argument. Debian's libclang looks for them in a folder that is not there.
    fn resource_dir() -> Option<String> {
        let version = bindgen::clang_version().full;
        let version = version.split_once("clang version ")?.1;
        let version = version
            .split(|end: char| end != '.' && !end.is_ascii_digit())
            .next()?;
        let major = version.split('.').next()?;
        let libraries = [
            env::var("LIBCLANG_PATH").unwrap_or_default(),
            format!("/usr/lib/llvm-{major}/lib"),
            "/usr/lib".to_owned(),
            "/usr/lib64".to_owned(),
        ];
        libraries
            .iter()
            .flat_map(|library| [version, major].map(|name| format!("{library}/clang/{name}")))
            .find(|folder| Path::new(folder).join("include/stddef.h").exists())
            .map(|folder| format!("-resource-dir={folder}"))
    }

    /// The port's include paths and definitions; relative paths start at its folder.
    fn clang_args(flags: &str, port_dir: &Path) -> Vec<String> {
        // GCC's own headers come last. They call GCC's built-in functions, which clang lacks; clang has
        // headers of the same names.
        let include = |path: &str| {
            let option = if is_gccs_own(path) {
                "-idirafter"
            } else {
                "-I"
            };
            format!("{option}{}", port_dir.join(path).display())
        };
        let mut args = vec!["-std=gnu11".to_owned(), "-Wno-everything".to_owned()];
        args.extend(resource_dir());
        let mut words = flags.split_whitespace();
        while let Some(word) = words.next() {
            if matches!(word, "-I" | "-isystem") {
                args.extend(words.next().map(include));
            } else if let Some(path) = word.strip_prefix("-I") {
                args.push(include(path));
            } else if word.starts_with("-D") {
                args.push(word.replace(['\\', '\''], ""));
            } else if word.starts_with("--target=") {
                args.push(word.to_owned());
            }
        }
        args
    }

    pub fn generate() {
        let cflags = setting("MQTT_MPY_CFLAGS");
        let port_dir = PathBuf::from(setting("MQTT_MPY_PORT_DIR"));
        let genhdr = setting("MQTT_MPY_GENHDR");
        println!("cargo:rerun-if-changed={cflags}");
        // The names of a firmware, or of a native module.
        for header in ["qstrdefs.generated.h", "natmod_names.h"] {
            if PathBuf::from(&genhdr).join(header).exists() {
                println!("cargo:rerun-if-changed={genhdr}/{header}");
            }
        }
        for header in ["modmqtt.h", "mqtt_methods.h", "mqtt_names.h", "mqtt_vm.h"] {
            println!("cargo:rerun-if-changed=port/{header}");
        }
        let flags = fs::read_to_string(&cflags).expect("the port's compiler flags");
        let out = PathBuf::from(env::var("OUT_DIR").expect("set by cargo"));
        let builder = || {
            bindgen::Builder::default()
                .header("port/modmqtt.h")
                .clang_args(clang_args(&flags, &port_dir))
                .use_core()
                .default_enum_style(bindgen::EnumVariation::Consts)
                .prepend_enum_name(false)
                .formatter(bindgen::Formatter::None)
                .parse_callbacks(Box::new(bindgen::CargoCallbacks::new()))
        };
        let write = |builder: bindgen::Builder, file| {
            builder
                .generate()
                .expect("bindings to MicroPython's headers")
                .write_to_file(out.join(file))
                .expect("writable OUT_DIR");
        };
        let bindings = builder()
            .allowlist_function(FUNCTIONS)
            .allowlist_type(TYPES)
            .allowlist_var(VARIABLES)
            .blocklist_type(OWN_TYPES)
            .opaque_type("_mp_obj_type_t");
        write(bindings, "bindings.rs");
        let names = builder()
            .allowlist_var(format!("{QSTR}.*"))
            .parse_callbacks(Box::new(PlainNames));
        write(names, "qstrs.rs");
    }
}
