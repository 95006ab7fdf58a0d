"""Spellings that no vocabulary has, and what NHTSA's service said of VINs."""

from tortoise import BaseDBAsyncClient

RUN_IN_TRANSACTION = True

RULES = ""


async def upgrade(db: BaseDBAsyncClient) -> str:
    return """
        CREATE TABLE IF NOT EXISTS "unknown_spellings" (
    "id" BIGSERIAL NOT NULL PRIMARY KEY,
    "source" TEXT NOT NULL,
    "field" TEXT NOT NULL,
    "spelling" TEXT NOT NULL,
    "seen" BIGINT NOT NULL DEFAULT 0,
    "last_seen_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP,
    CONSTRAINT "uid_unknown_spe_source_dde228" UNIQUE ("source", "field", "spelling")
);
COMMENT ON COLUMN "unknown_spellings"."field" IS 'of an offer: color, make, drivetrain, …';
COMMENT ON COLUMN "unknown_spellings"."seen" IS 'how often it was read';
COMMENT ON TABLE "unknown_spellings" IS 'A spelling of a field that was not understood: what its vocabulary may grow by.';
        CREATE TABLE IF NOT EXISTS "vin_answers" (
    "vin" VARCHAR(17) NOT NULL PRIMARY KEY,
    "answer" JSONB NOT NULL,
    "asked_at" TIMESTAMPTZ NOT NULL DEFAULT CURRENT_TIMESTAMP
);
CREATE INDEX IF NOT EXISTS "idx_vin_answers_asked_a_fe085d" ON "vin_answers" ("asked_at");
COMMENT ON TABLE "vin_answers" IS 'What NHTSA''s service said of a VIN, by its own keys; empty where it said nothing.';"""


async def downgrade(db: BaseDBAsyncClient) -> str:
    return """
        DROP TABLE IF EXISTS "unknown_spellings";
        DROP TABLE IF EXISTS "vin_answers";"""


MODELS_STATE = (
    "eJztXVtz27a2/isYvTiZ0e44bi49zpOduK27HTtjO+3eO80okAhJrClCJUCrapP/frAA3g"
    "UyhCyLkI2XxCKxePkWCKz7+qc3ox4J2HdvCQ5I1DtE//RCPCPij8qZPurh+Tw/Dgc4HgZy"
    "qCfHyGN4yHiER1wcHuOAkT6cZaPIn3OfhjD4tylFjAQB6yMcemgxJRH5Dkg9OhK0fjhpHB"
    "WH/p8xGXA6IXwqH/njxx6jcTQicJr8xUkU4mDge71Pn8QBP/TIX4TBOPg5vxmMfRJ4pVcV"
    "Y8UpeXzAl3N57NifnIb8RzkWHm44GNEgnoX5+PmST2mYEfghh6MTEpIIcwJ34FEMAIRxEC"
    "RQpZiot8iHqKcs0HhkjOMAYARq9QD5sd5gcH5xPbg6uR4MeisQpxQFPJNDIxoCe8SjMgnA"
    "BB7hX/93cPD9968O9r9/+cOL569evfhh/wcxVj7v6qlXX9XD5GipS0nMTn86Pb+GB6JiDq"
    "i5AQe+ShrMsaKSzMjRz5lX5sC14KUe/5yiwgPxclUepIg3MSE9kHMhn7tbYEMDotcn/5F4"
    "zhj7M4AD578eXb75+ejyybuj/zyVZ5bJmbOL85/S4Tn852/OLo4lA3LAi9+IAeoVMgf9Gt"
    "DL/w0wT8c7sNcAey4gM0I7I1gL7mTlfqxoi3sTwo2W8YzC4W2O98jnSxO00/EO63XmtoDG"
    "bGonBA5tc7T/9ucmWCfDHdLmSAdYs2D/GFBcA3UyvgL1GAgeFNhvLz4cn52g95cnb06vTi"
    "/OS/Cqk3BIHPC5hODy5Oisiq24tRG2arzDtgW2cRSYrBDJcLdCtFshwE4yvino6nBgiEc3"
    "Cxx5g9KZwnT3GRcPzjSWlITyx39fErGAwAuvMiOxNp2pq+wsX/KjySOWpi0djxMz2foIXc"
    "A1HhA+MLfoAa2bbaunZgez6hEc4ol8Jbg33KkymzRmzcJEq7drFud0G8Mm5mhO6DwgiBEc"
    "jaaHSOiTaISjPsIM+ZyhIWEcyWmApvKQzvK57mU0ptG2FtAbotEl3kxxpF9Qk+GbsUp0aw"
    "Kd4b8GAQknfCp+Hrx40bDApsupGPW0snImpw7UuWZ7560fmmxeyXC3eZmLt9zngZHalhE4"
    "tM3RXorFahXsqxkOglpPSkrzbV+K/Xgn3pTvD169zPwn8KPJY3L17ujsLHWRFDYpfGM0b9"
    "PxbtqaT1u57xuBnRI4tNdYkiN/ZrQiJ+Md1uZYD6m3VIgZAF4icqibo+5F/i2R9zeBvUzl"
    "cDfHfRyTwHi2l4gc6uus5zhkM5+xxGjRfl0v0zns1/AA0tDzuSHwJSKH+jqoB1Sj5zQhnh"
    "BYjHaPT4m40MwPloiOEfyS4T4+jRA8fxxV7VR2MCN9yIExV1YpbWYPZpInKvANLSKfEzD7"
    "2ckUcd81mbJKaTFTrF2hSDjxzQKfcgqH9xoWBD8geKIBvNbsVaCw2PIlH5O1W2MS49fBs+"
    "evnv/w/cvnmQUsO9JkBlu1gM0jXxcTXItoNt5mPBdTGhDkUXHfiL2WV0A+Q3uY3ex1A/OM"
    "RZpYm/p5mwy3GGRTc+3GoBwTzOOIaNy7R1GElzX6Z4GoAio4H1ugurkg36s/g7fq15Pfe3"
    "v/fN07PORix/j46ffe0/tbjT9+Wo3a5dQMxZzEYahsUIXbGIgBFTInC6wTKUpHN4Mwng2J"
    "keRbpXPYm2PvosJchO66ohldhGge4JG4kMw1BHVb/Cuks5AiL8uBtI8VLoTXhfDuIrZ4xP"
    "1bjYZ3TIWOhEM9wDlRBeOhoNqmoKcPAdwEtscXF2elReL4tLoKfHh3fHL55NnTMsarGsnW"
    "E2t3Zwbfy1JcF95bq07nBGsp1Bubzfur+2EgvjMIO+3S/DPwImpinSgTWWyj6CUmIAjhRZ"
    "hL036AGUejKQ4nBDwwmT2rA0OGHzE+YISEA51s8Vagx/0ZqTFoVIkrbPAS6u/SP7aqnp/T"
    "xZP70sNP351cXR+9e19aVt4eXZ/AmYPyFpkcffKyEkecXQT9dnr9M4Kf6H8X53I3nVPGJ5"
    "G8Yz7u+n89eCYcczoI6WKAvSIa6eH0UNmPKeeatwaPy5SOwZYyWGkt2iIPTcVNSmQWL6Km"
    "ht6tVDmpCAPG4BepHPYm2K8krVVYoVHkaET8SfhvoqzKp+LBcaiVfh9m6pU4HOFFlgxUmn"
    "vi5cUrE6VZiAdA5x/Oznqa5WUDsOYVph4mrqUFtQTspVjjL0/fiOlbn2F5n/lxakJrsuOy"
    "mV6fG5frLi0z4yCHLYlfYXjJEB7SmKeZba8Rp/FoSjwQh8ktiZbo1me16XHrX8uVD9vFxb"
    "2PXDqdmbDq0ul2HW2XTidXF5dOt1vT1qXTuXS6h4m1S6frAnWXTufS6R4P6i6dzqXTPTbU"
    "XTqdNcxw6XQWMsWl07l0useEt0unc+l0Lp3OEpBNzbUunc6yVDCXTnd3DF06nUune3zYu3"
    "Q6l07n0ungoEunc+l0lmPrmihueaFwTRS7W6NVW4aBtmlBPfQVMgf9Ot4aiDn2/Alhmm2y"
    "wWdTJrNaclHuGnhiRCMU0QXyOVpghiKCPTSO6MxOycUjHPvBGulcJcINZHNtzfpHQtkMRT"
    "0/muMJyfh0dxbtWrbXbufTZ2HrFqfTzyMq3npmaEsrEDlrmhLgXX7xY1iQIKF9XS5XaR2T"
    "LWWySyJ/4AyO4tA4iTmnsdixKUO0xJMKaR9zxLAU82HdaSc6dpNU7lL6LUordwnQ6Ty71w"
    "Ro12K2yxaq7yEQ6I3cq3uaRPHi6X6LVqoDVaNpKn7RSJrhvp09fqSKIamFGqPkSohTeoNo"
    "2Ec49MDJFL6WgZychGi4FOMEmJMJiVYzyDdwvW93Wv1YNTemCeUug9y6DHJnT+7MaPkQ4x"
    "I7C5kzV8Kc8mWd8rUicHZTGuY4IvhGXxwmPdW43w/VIJMCMTeEzJnYaJOsDPC0oCGBrRmz"
    "G+Kp/doXIxZ4Ca4ZjxIIJwHnTMhRzNATjEZ+NIqFIpfc/mlN/Zh7udXv4e/hxVyIC3HI/Q"
    "B9lv997qMpDsb/onACjzmJ5MUPpZMpFHsLGglZOUCjgDKZgwK3g8Hy77H4EdCwvdhRK2HU"
    "xQfU93jfdHyARW3eXz5vWCXSXe3l89om73CqWaQYYz/QRy/Xbm1FEuvKwcpJKqakmMPSJS"
    "o/EJlC5XPIdPMD0tLntulND74VohGf60vsZQTWoQybbQ7ya7QPa5BcGToCVy5hpkJFRrQz"
    "vuRHI1yULLsEM7N49pzC4gAOq1QdS4S5X+hQJ8jB4UYh7g86bCnAHaG5T0aycvWCRjdCjE"
    "o2ioXPp2BkEVOHvEaLKYWCfGhKxWOrstdwQslXump/G7zuHYQnZ57p0jxzI17eZJlKxzuD"
    "zBoGGUMb2A7YvnpCUp2JvVOWBxUrGqwlGMEkkZZe8QZCq4M4Moj2i8OWCbrb5guOdH6PX6"
    "4uzmssO8n4qgzmjzj6grYeevTP1/v5BgCAZqyrsFYkKbjAatKZgMTkK8gIOv4OBHmcqArl"
    "T0Cd+CKmdyiA/uKJT+GLidLWgVmYRj7XLEVNluGMxDrFbupPhMiBJiCOyAi2btQ5CMwwNx"
    "LnVM5QbKkuhzknszk3MTcVSWz7XjrzoICVcA0sq2Td4vnCHjylFjagi9Ase7tC5qwNa+RI"
    "SQjXst9VSJ0Vz+aVfx5RuJyRblCkuZN+sDt8vRc9QZyC5zdAPqdwuK+PO4kiw+KEKYHbSd"
    "ZI+YwIYLNOiH+J0ikPlm4hjONoPQaXKZ2gYDOXx37os+labK6QOj7bxmcDN2NRehHYM52e"
    "axJN/wsdXqoL2WPxtzuivoCY3idbwLPRNTsocrCNizYZr4J3ZrH4C0LahuAmDQniCx/KNQ"
    "2X0n8KbhEVBccZYkTwJ0KjKWVE56Pd3IXv4KTVeq7qw9s26rmyKLbtYH+/RXCbGFUb3SbP"
    "NbtkYfaZOsVzmm7NYzvnG29IQftDRXDcMf8siQPZMQa0zT7L510p9ezN0dWbo7cnXbXefI"
    "9rEqrwtzKpoM5J+6gcKIqigmbiEI0Jl30xfd5HIzqbgxGIeGnGE66UuakLyNnAJdvkT+VZ"
    "xJA61UfFNp0umcraaB1XiK5BmbgP+0wHGfq2Qd5NMv4W6+PaBvi253iHxRa3W3ZOdtXOWx"
    "mo7OQ9Jjfd6l5sB2ugUJ6JCyQdvwMOkN4izXKBx0IM+x4q8unODLkX70gika1j5ytROnu9"
    "RRa+anhirDHbNbeGzqke0pa/ie7QhGNNXeqGXSUZb/F2Yu1GLgu7CaXWF3c02spXCB365u"
    "hPMZvqFIUQRzXlK1OKannQJVc2CDtWjVR6gmbLaEjGNCKZMSLxXtytiGiy9WbMELw4Pj0/"
    "uvyvnhvHmq36+L/XJ0eajtJm/EgpLOfH34E/tBZ15v9tUnIkHW7ztqkmQFLRSEx+qK7UVc"
    "4wGPvMwj1zCpuVY1kwcI4jlpRwUFZNsHv6oVx9bkkEqw3UbZhuogL1vfRTwjoNul5bS8db"
    "kkbUSl0T/yRs2kgl8I0paZYkA1/GYU/jeIDD/Sa/Q5ob9223w0VIkqomYl8GD7Cy8PZlaR"
    "Px05/NacRVHt7YD8QJmc0LDmHVsYut+h02dM02jgfnZrDG2OrcDNbsHB24/C3T1rrxMuxs"
    "MmqSbKrZpzVpqF+GAR3diP9ZzOb+yKcx+0KFQBXFcHIE8QvWJqtaFD/rDK73YXB1obOPg8"
    "+McB6s9yGXKHeGy6qHEkbpohvKaJ3kZe6+2O4q/4dao1y9mFOms1jU6Q2XaDH1R1MI3cq9"
    "zLK89VyoSG1Npd1IQlngW0vDXTbepbdn5fzqXS+1MJaJbMNScVlZfRbQYhjL+l9L9UP5Ar"
    "qxg/pc2yus3j7A9W3COoe4s+mamu9aApgOtw0/xVmoUccIko2xzTsVbhrakCwMkE1G2wZs"
    "ZxMz6V1lgGCBwqGY7UbmOJZoHJKFatNGMOYEDsMEwwkNTbzC6XCHXxrLkIYgtNebMpJdB3"
    "HbJmEiHsPTgP1jQHGtjprRVNAeA9GO4N0A3duLD8dnJ+j95cmb06vTxGWbmRfkSTiUN/i9"
    "PDk6a93ht7GYTl2DX1dss98iXNkPtHtXPeI5hcV496Z0gWY4XKYR40oJyPVUGT0yxbcEET"
    "yaonH2qtZxyIv8sVGVo4zAEv58/KThj3IqK4aMcYTGRLAl4ZJkizgTpqE9EPtgZExwJZFs"
    "cUI8sFL+VyqKQRPAc5XFN9TH8KgYiNbZw7K5C4VvQ6b0MvQ5ucB3y1nwGTG8ZDIALu2YCK"
    "FvPkNerK0Sccer3aE0hPx/5eOorw2Rjn9wxSHuv/HRLYm4P8JGmZFFGhebs24EwsAwH7VE"
    "5GBfp0q5jDI1wTyncICvk+pORv7cKBgqp7BYzpG6AkSqKl8WTrSDPuyC4u+QpvHMvqXNKa"
    "D3jkmt/my8zb7yxGIixH6+IEIa4QuqIpBbMmHTBjYGublxYBYLWKCx+QOQ4h5P8JWy4Sii"
    "YS4SCjXsw/UbOyd/pI3PbDDFpQRr2uG2xJK0uByEB8kvIY8Xgch6Gqve6TO/ZS+LezfdkR"
    "HxSGjYTbpI1K0V+tm+xnMcUDBKLPwwX4YEW3Cg6g90tBCREN5dFwpOaUBwWLPm51TV5EVB"
    "tk2kM/Vr0zLP8cXFWWl5OT6trh8f3h2fXD559rQ8nzWxTpF/q11XGjEuUHWMcY1JYYYhPx"
    "dBlmKIsOdBgq5Y3JnvEUTjCIViktPo5s4rygY5AT2aB+s1zqmQuvhui+I+LTHnHWM+mvY0"
    "1jx1ot/YYh2GtDXmvaWjeEZCaHMnTdq+2FbExyhkLrBvk3Dih+Q1JM2LDV1MvzSLXpngAH"
    "Cw2anqiYl1DrI3Vs1893ifNrl7yfeTJP2rVBiXwmdnCh+Z05G2HEU9AzISq5PxE4/fIhKb"
    "SpIrPsMeTHIjgW3LUQV0Xvhy2iqYJSKbbVq9eM5IxL8kBWDvvMfdhybppWvnKgeOogjXlA"
    "QpUVVYYFeC/qbsih8/PZQcSfH5hLoFRBz+MvFvSTiI53bOVRfutbWFGY/FNjLgmN2Y4V2m"
    "s3rHBOM3POgeQ7HvgSg4kb2DIhWFwadtLd/dcAgefRCbSpNFKpsN4UByKCUaHDJpj8IMBd"
    "Swie2WWeK6Vj1Apb0Ur51pesZlKVZIbV4bLdycVmwnOq5oXCKmfSl+Kl1sx9jxNZ1132hP"
    "sTIZTbtUFIzGJPSSihuVj8GgodP7/CJWbD93Bvxemzm9Jdg7I5xLc9SKEa9wtt9kyfPEuE"
    "EgB7aOzUvVPmVfyI1rKCLjmBGWFMDKTwjZakEjT1Nb664X0xjmqpa49AbKGNcmZs/Z5rq0"
    "zWX8WuFBvVJdpLHZFGRteNOWg7gfO9zmqsHuqAS9NIBapZnDIu6hsR+1VdoekqaAxb46m+"
    "usqvWmkwJJx2Ehq6yFaEE65iv87SMcJFmp2w8KEXdbS9su0u3shwXF6R/fd+U0cKeB28yO"
    "rWng96lgFjigUTDL/KlXMPNXNCjhLNmW9OplkLgFS55KvkVj8ROjNHHnddIk6ZbIWszKTA"
    "yF5HAEESr6as6bvfwdssOcptmlpukSxjpQfeRr6j1W9aiXiGzOJoDVAt5U5tQIpDlYtqaY"
    "pdnciW1LyDWvIbp9geeI/KXqCjFI8+gj5fKatJamO0j4282Ah4Di1Lq8Euouz3zxAFX4A/"
    "gyhz9g4f9CA0+covM58dKS0XZXhVaTbNDkh2ww7OiIbf/k5CX3IHVHPvURPwQ9aUZvCcvN"
    "x+nnCCHg8tOzk3u3PlkMPF8sCEZ8q5DZvDf1Zt6LtDYJPLZgnCAVn17BZG8ZU6DOrngetg"
    "ZjNKQ2M8dawUG24TMPRSqRdavr/0tjUYvzxq6BeATGZTBSppvchFC1k1NIXQGRQvwyMrJt"
    "OfQFdlKxacQh942k6iqd7fsNTKrccylYqIoryeAkeBM7F7GGIN+mL6gpyrfzAMr86XIHMv"
    "BACt3GRW63HbxHuU77bIzcS0lsDtvLeZKoPdIahBL2yOofNrPF9RvqBndXSWybu4ELU33g"
    "TjIwXqzB3QLZznSTeZT8vSFzXidqN7O4TLkzXM5NPWnubsk5AwX7lJkOjm/AkLBrEyIif5"
    "ARNy6PUSSzs3ZD2iIIpXZXsO6B2w60L3B2onFEZ+KguCrMhMC/SfO6ZfZrHAqdegNa2QZr"
    "O7jGbg/3mzQo8FDIasxLKqwfQZ+VbthNW+JqAH3JfFEJVV8fpnJw/EPEasv5GDuD0X3Gy1"
    "zEfEj/6mliZZIz/aY4GZqP+WaIzBWdET4VAKCkJY2yfeHcJMmmdMFeyzoQEK05XIrX9ycT"
    "8eVUSpyMAiz2CG81Tuae7nGHYBlG/jSzySQELlxmM+EyN+LlTawz6XibvV09EBdTV2QS2r"
    "PHEDw6O5TtAgRfYDrjgER99Ht8sH/w0k7r/g3R1EFt4A7RlUG1ijnWms4eRPrG1Z/BW/Xr"
    "yd4IWqAP4BEYx7P5k6d7j9mIZkmBtlT80ggUBcmsXqIoyIDmWZ0Y5YG74hRhQrNWWz5aEp"
    "60OoVNkE9VfBv/dnLnmtd0OZ4PTpRwOZ5dxDD52hLF32gv7+uzNLrdu9qU9BZLCQ08iKiJ"
    "QwZrkNJjZJQGWAUfn32Y0xiKspstfAUi69IRRzRWgR8kYS6DqOpJLLbedtztqomibuVr1m"
    "S1655NsQW9z8lM+Vx0zkirpmo4Bz+La7it3BnGgS7EsMmDkpLY6T1JVFxofKHaAkphDI4m"
    "K2LCuENEQb5iaEI3lK+9QX8Ji9mcjDSfTf03k1PY/Nkk+bx+KFauPPRT5RkcIrlxyQh2qO"
    "Qq9gPEaNLbUfLK6EPaXMNd+KqNQ6SKVBZzxEpR2qU+W8AGl/q8/dTnlWVnA/i29ZJatt60"
    "Rba4zpZAFQ+Azj+cnXWVUP6brEre09izkjP9JnOWqmneMon8tylVRdBZIZl7j6HENKQ6fc"
    "pkzXg2JBHIRwvYd0FSBREIuoXIVrwjDKLRqm3rPm5wB99YfSpzfavRzacyP6p2o7vbQ2Dn"
    "ylDTRWjW7DIjcIHh5nbCKcERHxLM14hNq9K64DSbDYJiB2BakbVpESsQ2baM9SYRXTCU2X"
    "9laLAKGE6CWGwzPFniavwQykTTqzkJghqXY3VIo6wWq8EDloxu3/Y9IQB5CSP59HluJXgL"
    "4xDEJ06pd6gEKsiKvaUjPIwDLA1cSwSzAA2X2kbwm76+1jmpmstnn5W0baW4OQ+lNR9fk3"
    "RXYWGbPP+Mwnkn15A6si+lLd4Zgc1wQ0MuHKqeqYdIPDyN+mINuRHX9SKxO0nA7Y4rY4UV"
    "v/W3UKCxmT3Wfg2MEEOxLKWwTibT1Iy1OytfVgwBONdJnqzQWhU18diTYy0Rtn/1wyNZR1"
    "InZucnGwXsW1/MMFWMsq1BVMiy5z9fXx3tQfnK6NYfEcSwqj6D0a+n532I4E9qzKAbsmSv"
    "ERSiXoI6pdqkyuFCSIasAJ1F9B7ucBeTqK9ZQRusof4GG0laZAh91rQgpjvVs1e1hlA41S"
    "wq42y+lrH+5erivCYaOqOoro/+iKMv6OH1jgQsmoWEqjxQWfPgAith6JDUusYmVaTbzgbV"
    "bvq7/cmK/emIRL6+M3hypnFnwvmYb21K9YzdcEnlx2IzuWOAT2OlZL2huNG7WGMm3k0NsL"
    "yrHrx40WJbFaNq91V5rrKez+cmCCfDHyC6z/b32wgt+/v1Ugucq9Q7UuVfTeSUAokTVAwF"
    "lU43s6//D6vGBoY="
)
