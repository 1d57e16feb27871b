/* certificates.h -- two certificates for this machine, each with its key, so that an example can
 * serve https without any preparation.  Everybody knows the keys: they are good for nothing else.
 *
 *     openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 \
 *         -subj /CN=first -addext subjectAltName=DNS:localhost,IP:127.0.0.1 */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H

static const char first_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBlDCCATmgAwIBAgIUTFfb1EIAQQe6J+88mnhBSoltIh4wCgYIKoZIzj0EAwIw\n"
    "EDEOMAwGA1UEAwwFZmlyc3QwIBcNMjYxMTI5MDIxNjU0WhgPMjEyNjExMDUwMjE2\n"
    "NTRaMBAxDjAMBgNVBAMMBWZpcnN0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n"
    "GH0FiWG4lkr8NIKOCMDJdVifSawI1TUBx6f1iFIuKf1Ok69xacOvgyuTbAkaOY9R\n"
    "z4e/GCzaluP0BzAcMRCJHqNvMG0wHQYDVR0OBBYEFJTrBN/LTiYZTaUVjQj7/fRJ\n"
    "UIqOMB8GA1UdIwQYMBaAFJTrBN/LTiYZTaUVjQj7/fRJUIqOMA8GA1UdEwEB/wQF\n"
    "MAMBAf8wGgYDVR0RBBMwEYIJbG9jYWxob3N0hwR/AAABMAoGCCqGSM49BAMCA0kA\n"
    "MEYCIQCQ9dCZrKjAuE+0HSU7DOdP9+8rSfG0D0T0RN9BJAGReQIhAL0XeIRZuZhq\n"
    "E8b/q6w7I+1beIzppEQZCrLsMquTutbZ\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgYv/Z8g35hoAWqIwI\n"
    "63FcBsdJmapthHgcui2TiWSB0puhRANCAAQYfQWJYbiWSvw0go4IwMl1WJ9JrAjV\n"
    "NQHHp/WIUi4p/U6Tr3Fpw6+DK5NsCRo5j1HPh78YLNqW4/QHMBwxEIke\n"
    "-----END PRIVATE KEY-----\n";

static const char second_certificate[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBljCCATugAwIBAgIUQcEhBp8H+yTrPSiLGYQkpiBVUcIwCgYIKoZIzj0EAwIw\n"
    "ETEPMA0GA1UEAwwGc2Vjb25kMCAXDTI2MTEyOTAyMTY1NFoYDzIxMjYxMTA1MDIx\n"
    "NjU0WjARMQ8wDQYDVQQDDAZzZWNvbmQwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNC\n"
    "AAQEn3FObNcbTZu5HAezISMft7PNGoHjJC5YHkK4UnuNBksxtNZtpHAGGKzvO/KZ\n"
    "bBzFhIqL2MHh2RWZLU+vjUuOo28wbTAdBgNVHQ4EFgQUDyx2aM4tKyiSeof/MulN\n"
    "1gTw1gYwHwYDVR0jBBgwFoAUDyx2aM4tKyiSeof/MulN1gTw1gYwDwYDVR0TAQH/\n"
    "BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZIzj0EAwID\n"
    "SQAwRgIhALUUhkPykCZbNB7GL4gDbVJvS3UgSDrINmniol3ZWaBaAiEA0hwNnrYR\n"
    "IdNrX/FaL7l6MOsbU4k0334NMSXvbe161uI=\n"
    "-----END CERTIFICATE-----\n"
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgIN8j+rHa1+fpXi/s\n"
    "va/xS2+fTb3tB58Lnu+5dKLzmPqhRANCAAQEn3FObNcbTZu5HAezISMft7PNGoHj\n"
    "JC5YHkK4UnuNBksxtNZtpHAGGKzvO/KZbBzFhIqL2MHh2RWZLU+vjUuO\n"
    "-----END PRIVATE KEY-----\n";

#endif
