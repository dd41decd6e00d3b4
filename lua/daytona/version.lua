--- The version of the library, in this one place.
return "0.1.0"
